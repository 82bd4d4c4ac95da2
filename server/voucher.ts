import { createHmac } from "node:crypto";
import { env } from "./env";

/**
 * This server's word for what it read, drew or compared itself, for the database, which takes such facts from no role of its own: HMAC-SHA-256 under the secret of
 * the claims, in hexadecimal, over the fields in their order. (No claim begins with the name of a fact.)
 * @param fact what is vouched for
 */
export function voucher(fact: string, ...fields: readonly (string | number | null)[]): string {
  const said = [fact, ...fields].map((field) => field ?? "").join("|");
  return createHmac("sha256", env().NODEWISE_ACTOR_SECRET).update(said).digest("hex");
}
