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
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import type { Criterion } from "@/core/eligibility/assess";
import { type Answers, CriteriaFields } from "../criteria-fields";

export function ScreenForm({ study, criteria }: { study: string; criteria: readonly Criterion[] }) {
  const t = useTranslations("enrolment");
  const router = useRouter();
  const trpc = useTRPC();
  const [answers, setAnswers] = useState<Answers>({});
  const screen = useMutation(
    trpc.enrolment.screen.mutationOptions({
      onSuccess: ({ number, verdict }) => {
        toast.success(t("screening.saved", { number, verdict: t(`verdict.${verdict}`) }));
        router.push(`/studies/${study}/enrolment/${number}`);
        router.refresh();
      },
    }),
  );

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [name, hospitalNumber] = [String(form.get("name")).trim(), String(form.get("hospitalNumber")).trim()];
    screen.mutate({ study, identity: name || hospitalNumber ? { name, hospitalNumber } : null, answers });
  }

  return (
    <form onSubmit={submit} className="grid max-w-3xl gap-6">
      {screen.error ? <ProblemList {...problemOf(screen.error)} /> : null}
      <Card>
        <h2 className="mb-1">{t("screening.identity")}</h2>
        <p className="mb-4 text-soft text-sm">{t("screening.identityHint")}</p>
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField label={t("screening.name")} name="name" autoComplete="off" maxLength={200} />
          <TextField label={t("screening.hospitalNumber")} name="hospitalNumber" autoComplete="off" maxLength={60} />
        </div>
      </Card>
      <Card>
        <CriteriaFields criteria={criteria} answers={answers} onChange={setAnswers} />
      </Card>
      <Button kind="primary" type="submit" disabled={screen.isPending} className="justify-self-start">
        {screen.isPending ? t("screening.busy") : t("screening.submit")}
      </Button>
    </form>
  );
}
