"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import type { z } from "zod";
import { Button } from "@/app/_components/button";
import { TextField } from "@/app/_components/field";
import { LanguageSwitch } from "@/app/_components/language-switch";
import { Card } from "@/app/_components/page-header";
import { PasswordField } from "@/app/_components/password-field";
import { ProblemList } from "@/app/_components/problem-list";
import { useFormat } from "@/app/_i18n/format";
import { useSignIn } from "@/app/_lib/use-sign-in";
import type { studyRole } from "@/server/schemas/study";

interface Account {
  email: string;
  roles: readonly z.infer<typeof studyRole>[];
  readerCode: string | null;
}

export function SignInForm({ demonstration }: { demonstration: readonly Account[] }) {
  const t = useTranslations("login");
  const roleName = useTranslations("frame.role");
  const { list } = useFormat();
  const router = useRouter();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const { enter, problem, busy } = useSignIn();

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (!(await enter(email, password))) return;
    router.push("/studies");
    router.refresh();
  }

  return (
    <main className="mx-auto grid min-h-dvh max-w-md content-center gap-6 px-4 py-10">
      <div>
        <div className="flex items-center justify-between gap-2">
          <p className="font-semibold text-2xl tracking-tight">Nodewise</p>
          <LanguageSwitch />
        </div>
        <p className="text-soft">{t("intro")}</p>
      </div>
      <Card>
        <form method="post" onSubmit={submit} className="grid gap-4">
          <h1>{t("title")}</h1>
          {problem ? <ProblemList message={problem} /> : null}
          <TextField
            label={t("email")}
            type="email"
            name="email"
            autoComplete="username"
            required
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
          <PasswordField label={t("password")} value={password} onChange={(event) => setPassword(event.target.value)} />
          <Button kind="primary" type="submit" disabled={busy}>
            {busy ? t("signingIn") : t("signIn")}
          </Button>
          <p className="text-soft text-sm">{t("forgotten")}</p>
        </form>
      </Card>
      {demonstration.length > 0 ? (
        <section>
          <h2 className="mb-1">{t("demonstration")}</h2>
          <p className="mb-3 text-soft text-sm">{t("demonstrationHint")}</p>
          <ul className="grid gap-1">
            {demonstration.map((account) => (
              <li key={account.email}>
                <button
                  type="button"
                  onClick={() => {
                    setEmail(account.email);
                    setPassword("demonstration");
                  }}
                  className="flex w-full flex-wrap justify-between gap-x-4 rounded-md border border-line bg-surface px-3 py-1.5 text-left text-sm hover:bg-raised max-sm:py-2.5"
                >
                  <span className="font-medium">
                    {list(account.roles.map((role) => roleName(role)))} {account.readerCode}
                  </span>
                  <span className="text-soft">{account.email}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </main>
  );
}
