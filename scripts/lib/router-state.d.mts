export function isRouterState(header: string | string[] | undefined): boolean;
