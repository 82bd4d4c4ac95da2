export function ownCookies(header: string): string;
