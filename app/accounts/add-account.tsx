"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { AddDialog } from "@/app/_components/add-dialog";
import { CheckField, TextField } from "@/app/_components/field";
import { useTRPC } from "@/app/_lib/trpc";

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

  function submit(form: FormData) {
    add.mutate({
      email: String(form.get("email")).trim(),
      name: String(form.get("name")).trim(),
      mayCreateStudies: form.get("mayCreateStudies") !== null,
    });
  }

  return (
    <AddDialog
      words={{ add: t("add"), adding: t("adding") }}
      open={open}
      onOpenChange={(opened) => {
        setMade(null);
        setOpen(opened);
      }}
      add={add}
      made={made && t("added", made)}
      onSubmit={submit}
    >
      <TextField label={t("name")} name="name" required minLength={2} maxLength={120} />
      <TextField label={t("email")} name="email" type="email" required maxLength={254} />
      <CheckField label={t("mayCreateStudies")} hint={t("mayCreateStudiesHint")} name="mayCreateStudies" />
    </AddDialog>
  );
}
