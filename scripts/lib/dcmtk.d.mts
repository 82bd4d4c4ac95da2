export function findDcmtk(): { echoscu: string; storescu: string } | null;
