"use client";

import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { Button } from "@/app/_components/button";
import { ProblemList } from "@/app/_components/problem-list";
import { useFormat } from "@/app/_i18n/format";
import { problemOf, useTRPC } from "@/app/_lib/trpc";

export function ShowIdentity({ study, number }: { study: string; number: string }) {
  const t = useTranslations("enrolment.subject");
  const { comma } = useFormat();
  const trpc = useTRPC();
  const identity = useMutation(trpc.enrolment.identity.mutationOptions());
  if (identity.data) {
    return (
      <p className="text-right" role="status">
        <span className="font-medium">{identity.data.name}</span>
        {comma}
        {identity.data.hospitalNumber}
        <span className="block text-soft text-sm">{t("identityNoted")}</span>
      </p>
    );
  }
  return (
    <div>
      <Button onClick={() => identity.mutate({ study, number })} disabled={identity.isPending}>
        {t("showIdentity")}
      </Button>
      {identity.error ? <ProblemList {...problemOf(identity.error)} /> : null}
    </div>
  );
}
