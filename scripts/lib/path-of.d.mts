export function pathOf(url: string): string | null;
