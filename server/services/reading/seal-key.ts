import { voucher } from "@/server/voucher";

export interface Sealed {
  slotId: string;
  /** Of what is shown (`nw.hash_shown`): of anything else the key is another. */
  shownSha256: string;
  /** In hexadecimal. */
  nonce: string;
}

/** The key of what was sealed (`seal`): of this place as it is shown, and this nonce, alone. It is kept nowhere. */
export const sealKey = ({ slotId, shownSha256, nonce }: Sealed): Buffer =>
  Buffer.from(voucher("case.sealed", slotId, shownSha256, nonce), "hex");
