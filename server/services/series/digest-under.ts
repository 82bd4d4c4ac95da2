import { createHmac } from "node:crypto";

/** What the key of a study makes of something: the same of the same, and nobody without the key can try what it was of. */
export const digestUnder =
  (key: Buffer) =>
  (of: string): string =>
    createHmac("sha256", key).update(of).digest("hex");
