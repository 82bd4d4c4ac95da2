import type { Protocol } from "@/core/protocol/protocol";
import type { Locale } from "@/core/words";
import type { Tx } from "@/db/actor";
import { studyProtocol } from "./study-protocol";

/** Protocols in a language, as they were parsed: a version never changes. The one not asked for the longest goes first. */
const parsed = new Map<string, Protocol>();
const most = 64;

function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null) for (const part of Object.values(Object.freeze(value))) frozen(part);
  return value;
}

/**
 * The protocol version of a case that the database has just handed out, whose reader sees it with the case. It is parsed once a process and language, and asked for no more than that:
 * parsing it takes as long as everything else of a read that is submitted. Nobody changes what comes from here: it is everybody's.
 */
export async function protocolOfVersion(
  tx: Tx,
  { studyId, versionId, locale = "en" }: { studyId: string; versionId: string; locale?: Locale | undefined },
): Promise<Protocol> {
  const key = `${studyId} ${versionId} ${locale}`;
  const protocol = parsed.get(key) ?? frozen((await studyProtocol(tx, { studyId, versionId, locale })).document);
  parsed.delete(key);
  parsed.set(key, protocol);
  for (const oldest of parsed.keys()) {
    if (parsed.size <= most) break;
    parsed.delete(oldest);
  }
  return protocol;
}
