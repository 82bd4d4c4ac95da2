"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { Button } from "@/app/_components/button";
import { TextField } from "@/app/_components/field";
import { Card } from "@/app/_components/page-header";
import { ProblemList } from "@/app/_components/problem-list";
import { useFieldProblems } from "@/app/_i18n/field-problems";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import { checkValues, isOutOfRange, today } from "@/core/protocol/values";
import type { SubjectDetail } from "@/server/schemas/enrolment";
import { ItemField } from "../item-field";

/** The items of every visit, as recorded: one that is filled is recorded, one that is changed or emptied is a correction and asks for its reason. */
export function RecordValues({ study, subject }: { study: string; subject: SubjectDetail }) {
  const t = useTranslations("enrolment.subject");
  const router = useRouter();
  const trpc = useTRPC();
  const [open, setOpen] = useState(false);
  const [written, setWritten] = useState<Record<string, string>>({});
  const [reason, setReason] = useState("");
  const { items, visits } = subject.baseline;
  const recorded = (key: string) => String(subject.values[key] ?? "");
  const changed = Object.entries(written).filter(([key, value]) => value.trim() !== recorded(key));
  const corrects = changed.some(([key]) => recorded(key) !== "");
  const isOutside = items.some((item) => written[item.key] && isOutOfRange(item, Number(written[item.key])));
  const problems = useFieldProblems()(
    checkValues(items, Object.fromEntries(changed), today(), reason.trim() ? "taken" : "asked").problems,
  );
  const save = useMutation(
    trpc.enrolment.recordValues.mutationOptions({
      onSuccess: () => {
        setOpen(false);
        setWritten({});
        setReason("");
        router.refresh();
      },
    }),
  );

  function submit(event: FormEvent) {
    event.preventDefault();
    const values = Object.fromEntries(changed.map(([key, value]) => [key, value.trim() === "" ? null : value]));
    save.mutate({
      study,
      number: subject.number,
      values,
      reason: (corrects || isOutside) && reason.trim() ? reason : null,
    });
  }

  if (!open)
    return (
      <Button onClick={() => setOpen(true)} className="justify-self-start">
        {t("recordValues")}
      </Button>
    );
  return (
    <Card>
      <form method="post" onSubmit={submit} className="grid gap-4">
        {save.error ? <ProblemList {...problemOf(save.error)} /> : null}
        {visits.map((visit) => (
          <fieldset key={visit.key} className="grid gap-4 sm:grid-cols-2">
            <legend className="mb-2 font-medium">{visit.label}</legend>
            {items
              .filter((item) => item.visit === visit.key)
              .map((item) => (
                <ItemField
                  key={item.key}
                  item={item}
                  error={problems[item.key]}
                  value={written[item.key] ?? recorded(item.key)}
                  onChange={({ target }: { target: { value: string } }) =>
                    setWritten({ ...written, [item.key]: target.value })
                  }
                />
              ))}
          </fieldset>
        ))}
        {corrects || isOutside ? (
          <TextField
            label={corrects ? t("correctionReason") : t("outsideReason")}
            hint={corrects ? t("correctionHint") : t("outsideHint")}
            required
            maxLength={1000}
            value={reason}
            onChange={({ target }) => setReason(target.value)}
          />
        ) : null}
        <div className="flex gap-2">
          <Button kind="primary" type="submit" disabled={save.isPending || changed.length === 0}>
            {t("saveValues")}
          </Button>
          <Button onClick={() => setOpen(false)}>{t("cancel")}</Button>
        </div>
      </form>
    </Card>
  );
}
