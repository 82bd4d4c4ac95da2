"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { Button } from "@/app/_components/button";
import { ConfirmDialog } from "@/app/_components/confirm-dialog";
import { SelectField, TextField } from "@/app/_components/field";
import { Notice } from "@/app/_components/notice";
import { ProblemList } from "@/app/_components/problem-list";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import { studyRole } from "@/server/schemas/study";

const formId = "add-member";

export function AddMember({ study, nextCode }: { study: string; nextCode: string }) {
  const t = useTranslations();
  const router = useRouter();
  const trpc = useTRPC();
  const [open, setOpen] = useState(false);
  const [role, setRole] = useState("reader");
  const [made, setMade] = useState<{ email: string; password: string } | null>(null);
  const add = useMutation(
    trpc.admin.addMember.mutationOptions({
      onSuccess: ({ password }, { email }) => {
        if (password) setMade({ email, password });
        else setOpen(false);
        router.refresh();
      },
    }),
  );

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const name = String(form.get("name")).trim();
    add.mutate({
      study,
      email: String(form.get("email")).trim(),
      name: name || null,
      role: studyRole.parse(role),
      readerCode: role === "reader" ? String(form.get("readerCode")).trim() : null,
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
        {t("admin.add")}
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={t("admin.add")}
        action={
          made ? null : (
            <Button kind="primary" type="submit" form={formId} disabled={add.isPending}>
              {add.isPending ? t("admin.adding") : t("admin.add")}
            </Button>
          )
        }
      >
        {made ? (
          <Notice tone="success">{t("admin.password", made)}</Notice>
        ) : (
          <form id={formId} onSubmit={submit} className="grid gap-4">
            {add.error ? <ProblemList {...problemOf(add.error)} /> : null}
            <TextField label={t("admin.email")} name="email" type="email" required />
            <TextField label={t("admin.name")} hint={t("admin.nameHint")} name="name" maxLength={120} />
            <SelectField
              label={t("admin.role")}
              name="role"
              value={role}
              onChange={(event) => setRole(event.target.value)}
              options={studyRole.options.map((value) => ({ value, label: t(`frame.role.${value}`) }))}
            />
            {role === "reader" ? (
              <TextField
                label={t("admin.readerCode")}
                hint={t("admin.readerCodeHint")}
                name="readerCode"
                defaultValue={nextCode}
                required
                pattern="R[0-9]{1,3}"
              />
            ) : null}
          </form>
        )}
      </ConfirmDialog>
    </>
  );
}
