import type { IncomingHttpHeaders } from "node:http";

export function isSentFromElsewhere(path: string, headers: IncomingHttpHeaders): boolean;
export function goOnTo(url: string): string;
