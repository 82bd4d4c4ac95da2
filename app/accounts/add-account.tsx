"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { Button } from "@/app/_components/button";
import { ConfirmDialog } from "@/app/_components/confirm-dialog";
import { CheckField, TextField } from "@/app/_components/field";
import { Notice } from "@/app/_components/notice";
import { ProblemList } from "@/app/_components/problem-list";
import { problemOf, useTRPC } from "@/app/_lib/trpc";

const formId = "add-account";

export function AddAccount() {
  const t = useTranslations("accounts");
  const router = useRouter();
  const trpc = useTRPC();
  const [open, setOpen] = useState(false);
  const [made, setMade] = useState<{ email: string; password: string } | null>(null);
  const add = useMutation(
    trpc.accounts.add.mutationOptions({
      onSuccess: ({ password }, { email }) => {
        setMade({ email, password });
        router.refresh();
      },
    }),
  );

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    add.mutate({
      email: String(form.get("email")).trim(),
      name: String(form.get("name")).trim(),
      mayCreateStudies: form.get("mayCreateStudies") !== null,
    });
  }

  return (
    <>
      <Button
        kind="primary"
        onClick={() => {
          setMade(null);
          add.reset();
          setOpen(true);
        }}
      >
        {t("add")}
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={t("add")}
        action={
          made ? null : (
            <Button kind="primary" type="submit" form={formId} disabled={add.isPending}>
              {add.isPending ? t("adding") : t("add")}
            </Button>
          )
        }
      >
        {made ? (
          <Notice tone="success">{t("added", made)}</Notice>
        ) : (
          <form id={formId} onSubmit={submit} className="grid gap-4">
            {add.error ? <ProblemList {...problemOf(add.error)} /> : null}
            <TextField label={t("name")} name="name" required minLength={2} maxLength={120} />
            <TextField label={t("email")} name="email" type="email" required maxLength={254} />
            <CheckField label={t("mayCreateStudies")} hint={t("mayCreateStudiesHint")} name="mayCreateStudies" />
          </form>
        )}
      </ConfirmDialog>
    </>
  );
}
