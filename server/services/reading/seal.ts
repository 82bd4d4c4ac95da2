import { createCipheriv, randomBytes } from "node:crypto";
import { voucher } from "@/server/voucher";

interface Sealed {
  slotId: string;
  /** Of what is shown (`nw.hash_shown`): of anything else the key is another. */
  shownSha256: string;
  /** In hexadecimal. */
  nonce: string;
}

/** Bytes of the nonce of AES-GCM (NIST SP 800-38D, 5.2.1.1). */
const nonceBytes = 12;

/** The key of what was sealed: of this place as it is shown, and this nonce, alone. It is kept nowhere. */
export const sealKey = ({ slotId, shownSha256, nonce }: Sealed): Buffer =>
  Buffer.from(voucher("case.sealed", slotId, shownSha256, nonce), "hex");

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
