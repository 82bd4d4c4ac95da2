import { randomBytes } from "node:crypto";
import { hash } from "@node-rs/argon2";

/** A password for a first sign-in, shown once, and its hash. Slow on purpose: called before the transaction. */
export async function initialPassword() {
  const password = randomBytes(12).toString("base64url");
  return { password, passwordHash: await hash(password) };
}
