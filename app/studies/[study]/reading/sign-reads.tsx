"use client";

import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { Button } from "@/app/_components/button";
import { PasswordField } from "@/app/_components/password-field";
import { ProblemList } from "@/app/_components/problem-list";
import { When } from "@/app/_components/values";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import type { ReadingList } from "@/server/schemas/reading";

/** What a reader signs of a list, what that means, and the password. */
export function SignReads({
  study,
  me,
  list,
  onSigned,
}: {
  study: string;
  me: { email: string; name: string };
  list: ReadingList;
  onSigned: () => void;
}) {
  const t = useTranslations("reading.sign");
  const words = useTranslations("reading.reader");
  const trpc = useTRPC();
  const [password, setPassword] = useState("");
  const section = useRef<HTMLElement>(null);
  useEffect(() => section.current?.focus(), []);
  const sign = useMutation(trpc.reading.sign.mutationOptions({ onSuccess: onSigned, onError: () => setPassword("") }));
  const { toSign } = list;
  if (!toSign) return null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    sign.mutate({ study, reader: me.email, listId: list.id, sha256: toSign.sha256, password });
  };
  const submitted = (
    <>
      <When at={toSign.from} zone /> {t("until")} <When at={toSign.to} zone />
    </>
  );
  const sha256 = <span className="break-all font-mono text-sm">{toSign.sha256}</span>;
  const lines: [term: string, what: ReactNode][] = [
    [t("by"), `${me.name} (${me.email})`],
    [t("list"), list.condition.label + (list.batch > 1 ? `, ${words("batch", { batch: list.batch })}` : "")],
    [t("reads"), toSign.reads],
    [t("submitted"), submitted],
    [t("hash"), sha256],
  ];
  return (
    <section
      ref={section}
      tabIndex={-1}
      aria-label={t("title")}
      className="grid gap-4 rounded-md border border-line bg-surface p-4 text-left outline-none"
    >
      <h2 className="font-semibold text-lg">{t("title")}</h2>
      <dl className="grid gap-x-6 gap-y-2 sm:grid-cols-[auto_minmax(0,1fr)]">
        {lines.map(([term, what]) => (
          <div key={term} className="contents">
            <dt className="text-soft text-sm">{term}</dt>
            <dd className="wrap-anywhere">{what}</dd>
          </div>
        ))}
      </dl>
      {toSign.signed ? (
        <p className="text-warning">
          {t("outdated")} <When at={toSign.signed.at} zone />
        </p>
      ) : null}
      <p className="border-line-strong border-l-4 pl-4 font-medium">
        {t(`meaning.${toSign.meaning}`, { reads: toSign.reads })}
      </p>
      <form method="post" onSubmit={submit} className="grid gap-4">
        <p className="text-soft text-sm">{t("binding")}</p>
        {sign.error ? <ProblemList {...problemOf(sign.error)} /> : null}
        {/* For the browser's password manager. */}
        <input type="email" name="email" value={me.email} autoComplete="username" readOnly hidden />
        <PasswordField label={t("password")} value={password} onChange={(event) => setPassword(event.target.value)} />
        <div>
          <Button kind="primary" type="submit" disabled={sign.isPending || password === ""}>
            {sign.isPending ? t("signing") : t("sign")}
          </Button>
        </div>
      </form>
    </section>
  );
}
