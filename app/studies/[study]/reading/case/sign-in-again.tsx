"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { Button } from "@/app/_components/button";
import { PasswordField } from "@/app/_components/password-field";
import { ProblemList } from "@/app/_components/problem-list";
import { useSignIn } from "@/app/_lib/use-sign-in";

/** The session ended while a case was read: its reader signs in here, and what was to be done is done. */
export function SignInAgain({
  email,
  onSignedIn,
}: {
  /** Whose case it is: nobody else goes on with it. */
  email: string;
  onSignedIn: () => void;
}) {
  const t = useTranslations("reading.case");
  const words = useTranslations("login");
  const { enter, problem, busy } = useSignIn();
  const [password, setPassword] = useState("");

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await enter(email, password)) onSignedIn();
  };

  return (
    <dialog
      ref={(dialog) => {
        if (dialog && !dialog.open) dialog.showModal();
      }}
      aria-label={t("signInAgain")}
      // There is nothing to go back to before that.
      onCancel={(event) => event.preventDefault()}
      onClose={(event) => event.currentTarget.showModal()}
      className="m-auto w-full max-w-sm rounded-md border border-line bg-surface p-6 text-text backdrop:bg-black/70"
    >
      <form method="post" onSubmit={submit} className="grid gap-4">
        <h2 className="font-medium text-lg">{t("signInAgain")}</h2>
        <p className="text-soft text-sm">{t("signInAgainHint")}</p>
        {problem ? <ProblemList message={problem} /> : null}
        <p>{email}</p>
        {/* For the browser's password manager. */}
        <input type="email" name="email" value={email} autoComplete="username" readOnly hidden />
        <PasswordField
          label={words("password")}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <Button kind="primary" type="submit" disabled={busy}>
          {busy ? words("signingIn") : words("signIn")}
        </Button>
      </form>
    </dialog>
  );
}
