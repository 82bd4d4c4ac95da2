"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { AddDialog } from "@/app/_components/add-dialog";
import { CheckField, SelectField, TextArea, TextField } from "@/app/_components/field";
import { useTRPC } from "@/app/_lib/trpc";
import { unblindedFact, unblindingKind } from "@/server/schemas/unblinding";

const kinds = ["planned", "emergency"] as const;
/** No code of a reader. */
const somebodyElse = "";

/** Somebody was told before the lock what is hidden: who, of whom, what and why. */
export function RecordUnblinding({ study, readers }: { study: string; readers: readonly string[] }) {
  const t = useTranslations("audit.unblinding");
  const router = useRouter();
  const trpc = useTRPC();
  const [open, setOpen] = useState(false);
  const [reader, setReader] = useState(readers[0] ?? somebodyElse);
  const add = useMutation(
    trpc.unblinding.record.mutationOptions({
      onSuccess: () => {
        setOpen(false);
        router.refresh();
      },
    }),
  );

  function submit(form: FormData) {
    add.mutate({
      study,
      kind: unblindingKind.parse(form.get("kind")),
      subject: String(form.get("subject")).trim() || null,
      to: reader === somebodyElse ? { name: String(form.get("name")) } : { reader },
      told: unblindedFact.options.filter((fact) => form.has(fact)),
      reason: String(form.get("reason")),
      // As the clock of this browser says it.
      at: new Date(String(form.get("at"))).toISOString(),
    });
  }

  return (
    <AddDialog
      words={{ add: t("record"), adding: t("recording") }}
      open={open}
      onOpenChange={setOpen}
      add={add}
      made={null}
      onSubmit={submit}
    >
      <p>{t("what")}</p>
      <SelectField
        label={t("kind")}
        name="kind"
        options={kinds.map((value) => ({ value, label: t(`kinds.${value}`) }))}
      />
      <TextField label={t("patient")} hint={t("patientHint")} name="subject" maxLength={40} />
      <SelectField
        label={t("to")}
        value={reader}
        onChange={(event) => setReader(event.target.value)}
        options={[...readers.map((code) => ({ value: code, label: code })), { value: somebodyElse, label: t("else") }]}
      />
      {reader === somebodyElse ? <TextField label={t("name")} name="name" maxLength={200} required /> : null}
      <fieldset className="grid gap-1">
        <legend className="mb-1 font-medium">{t("told")}</legend>
        {unblindedFact.options.map((fact) => (
          <CheckField key={fact} label={t(`facts.${fact}`)} name={fact} />
        ))}
      </fieldset>
      <TextField label={t("at")} name="at" type="datetime-local" required />
      <TextArea label={t("reason")} name="reason" minLength={3} maxLength={500} required />
    </AddDialog>
  );
}
