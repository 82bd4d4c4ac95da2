import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";

/** UIDs of the standard itself (SOP classes, syntaxes, coding schemes): they name no picture and no place. */
export const isOfTheStandard = (uid: string) => uid.startsWith("1.2.840.10008.");

/**
 * The UID that stands for another one: HMAC-SHA-256 of it under a key of the study, as a UUID of version 8 (RFC 9562) below 2.25 (PS3.5 annex B.2). The same
 * UID has the same stand-in in every file, so that references hold; without the key nobody can try which it was.
 */
export function hashedUid(uid: string, key: Uint8Array): string {
  const bytes = hmac(sha256, key, new TextEncoder().encode(uid)).slice(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return `2.25.${bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)}`;
}
