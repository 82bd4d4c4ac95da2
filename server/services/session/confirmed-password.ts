import { AppError } from "@/server/errors";
import type { SignedIn } from "@/server/schemas/session";
import { checkPassword } from "./check-password";

/**
 * The stored hash of the password of whoever is signed in, for a signature or a change of it: what was given is checked against it, and guesses are counted as those at the sign-in.
 * @throws AppError "invalid" for a wrong password, "too_many" after many wrong ones
 */
export async function confirmedPassword({ email, sessionId }: SignedIn, password: string): Promise<string> {
  const checked = await checkPassword({ email, password, source: sessionId });
  if (checked && "waitSeconds" in checked)
    throw new AppError("too_many", { key: "errors.password_wait", values: { seconds: checked.waitSeconds } });
  if (!checked) throw new AppError("invalid", { key: "errors.password_wrong" });
  return checked.checkedHash;
}
