"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { AddDialog } from "@/app/_components/add-dialog";
import { SelectField, TextField } from "@/app/_components/field";
import { useTRPC } from "@/app/_lib/trpc";
import { type Members, studyRole } from "@/server/schemas/study";

export function AddMember({ study, nextCode }: { study: string; nextCode: string }) {
  const t = useTranslations();
  const router = useRouter();
  const trpc = useTRPC();
  const [open, setOpen] = useState(false);
  const [role, setRole] = useState<Members[number]["role"]>("reader");
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

  function submit(form: FormData) {
    const name = String(form.get("name")).trim();
    add.mutate({
      study,
      email: String(form.get("email")).trim(),
      name: name || null,
      role,
      readerCode: role === "reader" ? String(form.get("readerCode")).trim() : null,
    });
  }

  return (
    <AddDialog
      words={{ add: t("admin.add"), adding: t("admin.adding") }}
      open={open}
      onOpenChange={(opened) => {
        setMade(null);
        setOpen(opened);
      }}
      add={add}
      made={made && t("admin.password", made)}
      onSubmit={submit}
    >
      <TextField label={t("admin.email")} name="email" type="email" required />
      <TextField label={t("admin.name")} hint={t("admin.nameHint")} name="name" maxLength={120} />
      <SelectField
        label={t("admin.role")}
        hint={t(`admin.sees.${role}`)}
        name="role"
        value={role}
        onChange={(event) => setRole(studyRole.parse(event.target.value))}
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
    </AddDialog>
  );
}
