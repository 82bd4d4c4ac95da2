"use client";

import { useMutation } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { Button } from "@/app/_components/button";
import { NewPassword } from "@/app/_components/new-password";
import { Notice } from "@/app/_components/notice";
import { ProblemList } from "@/app/_components/problem-list";
import { problemOf, useTRPC } from "@/app/_lib/trpc";

/** The secret stands behind the # of the address: it goes to the server with the new password alone. */
export function SetPassword() {
  const t = useTranslations("account.link");
  const trpc = useTRPC();
  const [isIncomplete, setIncomplete] = useState(false);
  const follow = useMutation(trpc.person.followPasswordLink.mutationOptions());

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const secret = window.location.hash.slice(1);
    const password = String(new FormData(event.currentTarget).get("newPassword"));
    setIncomplete(secret === "");
    if (secret) follow.mutate({ secret, password });
  }

  if (follow.data)
    return (
      <>
        <Notice tone="success">{t("done", follow.data)}</Notice>
        <Button kind="primary" asChild>
          <Link href="/login">{t("signIn")}</Link>
        </Button>
      </>
    );
  return (
    <form method="post" onSubmit={submit} className="grid gap-4">
      {isIncomplete ? <ProblemList message={t("incomplete")} /> : null}
      {follow.error ? <ProblemList {...problemOf(follow.error)} /> : null}
      <NewPassword />
      <Button kind="primary" type="submit" disabled={follow.isPending}>
        {follow.isPending ? t("setting") : t("set")}
      </Button>
    </form>
  );
}
