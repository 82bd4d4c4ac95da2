"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_components/button";
import { Card } from "@/app/_components/page-header";
import { ProblemList } from "@/app/_components/problem-list";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import type { SubjectDetail } from "@/server/schemas/enrolment";
import { type Answers, CriteriaFields } from "../criteria-fields";

/** A further assessment. It begins with the newest answers, but where the record has changed since it begins with the record. */
export function ReassessForm({ study, subject }: { study: string; subject: SubjectDetail }) {
  const t = useTranslations("enrolment.subject");
  const router = useRouter();
  const trpc = useTRPC();
  const [given, setGiven] = useState<Answers>(() => {
    const [latest] = subject.assessments;
    const changed = new Set(subject.changed.map(({ key }) => key));
    const kept = ([key]: [string, unknown]) => !changed.has(key);
    const overrides = (latest?.evaluations ?? []).flatMap(({ key, overrideReason }): [string, string][] =>
      overrideReason === null ? [] : [[key, overrideReason]],
    );
    return {
      answers: Object.fromEntries(Object.entries(latest?.answers ?? {}).filter(kept)),
      overrides: Object.fromEntries(overrides.filter(kept)),
    };
  });
  const reassess = useMutation(trpc.enrolment.reassess.mutationOptions({ onSuccess: () => router.refresh() }));
  return (
    <Card className="grid gap-4">
      <p className="text-soft text-sm">{t("reassessHint")}</p>
      {reassess.error ? <ProblemList {...problemOf(reassess.error)} /> : null}
      <CriteriaFields
        criteria={subject.criteria}
        items={subject.baseline.items}
        values={subject.criteriaValues}
        given={given}
        onChange={setGiven}
      />
      <Button
        kind="primary"
        disabled={reassess.isPending}
        onClick={() => reassess.mutate({ study, number: subject.number, ...given })}
        className="justify-self-start"
      >
        {t("save")}
      </Button>
    </Card>
  );
}
