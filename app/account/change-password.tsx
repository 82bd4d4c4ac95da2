"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import type { FormEvent } from "react";
import { toast } from "sonner";
import { Button } from "@/app/_components/button";
import { NewPassword } from "@/app/_components/new-password";
import { PasswordField } from "@/app/_components/password-field";
import { ProblemList } from "@/app/_components/problem-list";
import { problemOf, useTRPC } from "@/app/_lib/trpc";

/** @param isFirst nothing else is open to the person yet */
export function ChangePassword({ email, isFirst }: { email: string; isFirst: boolean }) {
  const t = useTranslations("account");
  const router = useRouter();
  const trpc = useTRPC();
  const change = useMutation(
    trpc.person.changePassword.mutationOptions({
      onSuccess: ({ ended }) => {
        toast.success(t("changed", { ended }));
        if (isFirst) router.push("/studies");
        router.refresh();
      },
    }),
  );

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const values = new FormData(form);
    change.mutate(
      { password: String(values.get("password")), newPassword: String(values.get("newPassword")) },
      { onSuccess: () => form.reset() },
    );
  }

  return (
    <form method="post" onSubmit={submit} className="grid gap-4">
      {change.error ? <ProblemList {...problemOf(change.error)} /> : null}
      {/* For the browser's password manager. */}
      <input type="email" name="email" value={email} autoComplete="username" readOnly hidden />
      <PasswordField label={t("present")} maxLength={200} />
      <NewPassword />
      <Button kind="primary" type="submit" disabled={change.isPending}>
        {change.isPending ? t("changing") : t("change")}
      </Button>
    </form>
  );
}
