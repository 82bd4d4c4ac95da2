"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_components/button";
import { Card } from "@/app/_components/page-header";
import { ProblemList } from "@/app/_components/problem-list";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import type { Criterion } from "@/core/eligibility/assess";
import { type Answers, CriteriaFields } from "../criteria-fields";

export function ReassessForm({
  study,
  number,
  criteria,
  initial,
}: {
  study: string;
  number: string;
  criteria: readonly Criterion[];
  initial: Answers;
}) {
  const t = useTranslations("enrolment.subject");
  const router = useRouter();
  const trpc = useTRPC();
  const [answers, setAnswers] = useState(initial);
  const reassess = useMutation(trpc.enrolment.reassess.mutationOptions({ onSuccess: () => router.refresh() }));
  return (
    <Card className="grid gap-4">
      <p className="text-soft text-sm">{t("reassessHint")}</p>
      {reassess.error ? <ProblemList {...problemOf(reassess.error)} /> : null}
      <CriteriaFields criteria={criteria} answers={answers} onChange={setAnswers} />
      <Button
        kind="primary"
        disabled={reassess.isPending}
        onClick={() => reassess.mutate({ study, number, answers })}
        className="justify-self-start"
      >
        {t("save")}
      </Button>
    </Card>
  );
}
