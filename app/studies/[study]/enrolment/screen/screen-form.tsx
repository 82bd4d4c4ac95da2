"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { toast } from "sonner";
import { Button } from "@/app/_components/button";
import { TextField } from "@/app/_components/field";
import { Card } from "@/app/_components/page-header";
import { ProblemList } from "@/app/_components/problem-list";
import { useFieldProblems } from "@/app/_i18n/field-problems";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import type { Criterion } from "@/core/eligibility/assess";
import { namesIn } from "@/core/eligibility/names";
import type { Protocol } from "@/core/protocol/protocol";
import { checkValues, isOutOfRange, problemOfRecordDay, today } from "@/core/protocol/values";
import { type Answers, CriteriaFields } from "../criteria-fields";
import { ItemField } from "../item-field";

export function ScreenForm({
  study,
  criteria,
  baseline,
}: {
  study: string;
  criteria: readonly Criterion[];
  baseline: Protocol["baseline"];
}) {
  const { items } = baseline;
  const t = useTranslations("enrolment");
  const router = useRouter();
  const trpc = useTRPC();
  const [given, setGiven] = useState<Answers>({ answers: {}, overrides: {} });
  const [values, setValues] = useState<Record<string, string>>({});
  const [reason, setReason] = useState("");
  const [exam, setExam] = useState({ performedOn: "", scanner: "" });
  const screen = useMutation(
    trpc.enrolment.screen.mutationOptions({
      onSuccess: ({ number, verdict }) => {
        toast.success(t("screening.saved", { number, verdict: t(`verdict.${verdict}`) }));
        router.push(`/studies/${study}/enrolment/${number}`);
        router.refresh();
      },
    }),
  );
  // What the computed criteria ask of the record, as far as it can be known before a node is measured.
  const names = namesIn(criteria);
  const asked = items.filter(({ key }) => names.has(key));
  const asksForExam = names.has("mri_date");
  const asksReason = items.some((item) => values[item.key] && isOutOfRange(item, Number(values[item.key])));
  const checked = checkValues(items, values, today(), reason.trim() ? "taken" : "asked");
  const examProblem = exam.performedOn === "" ? null : problemOfRecordDay(baseline, exam.performedOn, today());
  const problems = useFieldProblems()({ ...checked.problems, ...(examProblem && { mri_date: examProblem }) });

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [name, hospitalNumber] = [String(form.get("name")).trim(), String(form.get("hospitalNumber")).trim()];
    screen.mutate({
      study,
      identity:
        name || hospitalNumber ? { name, hospitalNumber, knownReason: String(form.get("knownReason") ?? "") } : null,
      ...given,
      values,
      reason: (asksReason && reason.trim()) || null,
      exam: exam.performedOn || exam.scanner ? exam : null,
    });
  }

  return (
    <form method="post" onSubmit={submit} className="grid max-w-3xl gap-6">
      {screen.error ? <ProblemList {...problemOf(screen.error)} /> : null}
      <Card>
        <h2 className="mb-1">{t("screening.identity")}</h2>
        <p className="mb-4 text-soft text-sm">{t("screening.identityHint")}</p>
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField label={t("screening.name")} name="name" autoComplete="off" maxLength={200} />
          <TextField label={t("screening.hospitalNumber")} name="hospitalNumber" autoComplete="off" maxLength={60} />
          {screen.error && problemOf(screen.error).code === "conflict" ? (
            <TextField
              label={t("screening.knownReason")}
              hint={t("screening.knownReasonHint")}
              name="knownReason"
              autoComplete="off"
              maxLength={500}
            />
          ) : null}
        </div>
      </Card>
      {asked.length > 0 || asksForExam ? (
        <Card>
          <h2 className="mb-1">{t("screening.known")}</h2>
          <p className="mb-4 text-soft text-sm">{t("screening.knownHint")}</p>
          <div className="grid gap-4 sm:grid-cols-2">
            {asksForExam ? (
              <>
                <TextField
                  label={t("subject.examOn")}
                  type="date"
                  error={problems.mri_date}
                  value={exam.performedOn}
                  required={exam.scanner !== ""}
                  onChange={({ target }) => setExam({ ...exam, performedOn: target.value })}
                />
                <TextField
                  label={t("subject.scanner")}
                  maxLength={120}
                  value={exam.scanner}
                  required={exam.performedOn !== ""}
                  onChange={({ target }) => setExam({ ...exam, scanner: target.value })}
                />
              </>
            ) : null}
            {asked.map((item) => (
              <ItemField
                key={item.key}
                item={item}
                error={problems[item.key]}
                value={values[item.key] ?? ""}
                onChange={({ target }: { target: { value: string } }) =>
                  setValues({ ...values, [item.key]: target.value })
                }
              />
            ))}
            {asksReason ? (
              <TextField
                label={t("subject.outsideReason")}
                hint={t("subject.outsideHint")}
                required
                maxLength={1000}
                value={reason}
                onChange={({ target }) => setReason(target.value)}
              />
            ) : null}
          </div>
        </Card>
      ) : null}
      <Card>
        <CriteriaFields
          criteria={criteria}
          items={items}
          values={{ ...checked.values, mri_date: exam.performedOn || null }}
          given={given}
          onChange={setGiven}
        />
      </Card>
      <Button kind="primary" type="submit" disabled={screen.isPending} className="justify-self-start">
        {screen.isPending ? t("screening.busy") : t("screening.submit")}
      </Button>
    </form>
  );
}
