import { createCipheriv, randomBytes } from "node:crypto";
import { nonceBytes } from "@/server/schemas/reading";
import { type Sealed, sealKey } from "./seal-key";

/**
 * Seals with AES-256-GCM.
 * @param length in bytes, that of every text: a shorter one is filled up with spaces
 * @returns nonce, what is sealed, and its tag of 16 bytes; null where the text is longer
 */
export function seal(text: string, length: number, of: Omit<Sealed, "nonce">): Buffer | null {
  const plain = Buffer.alloc(length, " ");
  if (Buffer.byteLength(text) > length) return null;
  plain.write(text);
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", sealKey({ ...of, nonce: nonce.toString("hex") }), nonce);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}
