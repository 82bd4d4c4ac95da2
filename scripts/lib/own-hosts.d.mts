export function ownHosts(env: Record<string, string | undefined>): ReadonlySet<string>;
export function isOwnHost(hosts: ReadonlySet<string>, header: string | undefined): boolean;
export const notOurName: string;
