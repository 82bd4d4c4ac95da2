import { signIn } from "next-auth/react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { tooManyGuesses } from "@/server/schemas/session";

/** Signs in with a password; `problem` says why that failed. */
export function useSignIn() {
  const t = useTranslations("login");
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  /** @returns whether the person is signed in */
  async function enter(email: string, password: string): Promise<boolean> {
    setBusy(true);
    setProblem(null);
    const result = await signIn("credentials", { email, password, redirect: false }).catch(() => null);
    setBusy(false);
    if (result?.ok && !result.error) return true;
    const wait = tooManyGuesses.safeParse(result?.error);
    setProblem(
      !result || result.error === "unavailable"
        ? t("unreachable")
        : wait.success
          ? t("tooMany", { seconds: wait.data })
          : t("wrong"),
    );
    return false;
  }
  return { enter, problem, busy };
}
