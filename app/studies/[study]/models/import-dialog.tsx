"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useId, useState } from "react";
import { z } from "zod";
import { Button } from "@/app/_components/button";
import { ConfirmDialog } from "@/app/_components/confirm-dialog";
import { TextArea, TextField } from "@/app/_components/field";
import { ProblemList } from "@/app/_components/problem-list";
import { problemsIn, useFieldProblems } from "@/app/_i18n/field-problems";
import { type ImportScoresInput, importScoresInput } from "@/server/schemas/model";
import { fieldErrors } from "./regimen-form";

const form = "import-scores";
type Fields = "fileName" | "csv" | "provenance" | "threshold";

/** A file's text with its byte order mark, so that the hash is the file's; null when it is not UTF-8. */
async function textOf(file: File): Promise<string | null> {
  try {
    return new TextDecoder("utf-8", { ignoreBOM: true, fatal: true }).decode(await file.arrayBuffer());
  } catch {
    return null;
  }
}

const answer = z.union([
  z.object({ runId: z.uuid() }),
  z.object({ message: z.string(), problems: z.array(z.string()) }),
]);

/** Sends a file, which is larger than what the API takes: the run that it became, or why it was refused. */
async function send(study: string, file: ImportScoresInput): Promise<z.infer<typeof answer>> {
  const response = await fetch(`/api/studies/${study}/scores`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(file),
  });
  return answer.parse(await response.json());
}

/** Brings the scores of a model that was trained elsewhere: a CSV, and who made the model with what. */
export function ImportDialog({ study }: { study: string }) {
  const t = useTranslations("models.import");
  const router = useRouter();
  const say = useFieldProblems();
  const fileId = useId();
  const [open, setOpen] = useState(false);
  const [errors, setErrors] = useState<Partial<Record<Fields, string>>>({});
  const bring = useMutation({
    mutationFn: (file: ImportScoresInput) => send(study, file),
    onSuccess: (answer) => {
      if ("runId" in answer) router.push(`/studies/${study}/models/${answer.runId}`);
    },
  });
  const refused = bring.data && "message" in bring.data ? bring.data : null;
  const problem = bring.error ? { message: null, problems: [] } : refused;
  const shown = { ...fieldErrors(problem?.problems ?? []), ...errors };

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const file = given.get("file");
    const named = file instanceof File && file.size > 0 ? file : null;
    const csv = named ? await textOf(named) : "";
    if (csv === null) {
      setErrors(say({ csv: { key: "errors.not_utf8" } }));
      return;
    }
    const parsed = importScoresInput.safeParse({
      fileName: named?.name ?? "",
      csv,
      provenance: given.get("provenance"),
      threshold: Number(given.get("threshold")),
    });
    if (parsed.success) {
      setErrors({});
      bring.mutate(parsed.data);
      return;
    }
    setErrors({ ...say(problemsIn(parsed.error)), ...(named ? {} : { fileName: t("fileMissing") }) });
  }

  return (
    <>
      <Button
        kind="quiet"
        onClick={() => {
          bring.reset();
          setErrors({});
          setOpen(true);
        }}
      >
        {t("open")}
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={t("title")}
        action={
          <Button kind="primary" type="submit" form={form} disabled={bring.isPending}>
            {bring.isPending ? t("starting") : t("start")}
          </Button>
        }
      >
        <form method="post" id={form} noValidate onSubmit={submit} className="grid gap-4">
          {problem ? <ProblemList {...problem} /> : null}
          <p className="text-soft text-sm">{t("hint")}</p>
          <div className="grid gap-1">
            <label htmlFor={fileId} className="font-medium">
              {t("file")}
            </label>
            <p id={`${fileId}-hint`} className="text-soft text-sm">
              {t("fileHint")}
            </p>
            <input
              id={fileId}
              type="file"
              name="file"
              accept=".csv,text/csv"
              aria-describedby={`${fileId}-hint`}
              aria-invalid={shown.fileName || shown.csv ? true : undefined}
              className="w-full rounded-md border border-line-strong p-2 text-sm aria-invalid:border-danger"
            />
            {shown.fileName || shown.csv ? <p className="text-danger text-sm">{shown.fileName ?? shown.csv}</p> : null}
          </div>
          <TextArea label={t("provenance")} hint={t("provenanceHint")} name="provenance" error={shown.provenance} />
          <TextField
            label={t("threshold")}
            hint={t("thresholdHint")}
            name="threshold"
            type="number"
            min={0}
            max={1}
            step="any"
            defaultValue={0.5}
            error={shown.threshold}
          />
        </form>
      </ConfirmDialog>
    </>
  );
}
