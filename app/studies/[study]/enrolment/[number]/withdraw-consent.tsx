"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_components/button";
import { ConfirmDialog } from "@/app/_components/confirm-dialog";
import { Choice, TextField } from "@/app/_components/field";
import { ProblemList } from "@/app/_components/problem-list";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import type { SubjectDetail, WithdrawInput } from "@/server/schemas/enrolment";

const scopes = ["keep", "no_further_use", "destroy"] as const;

/** The subject withdrew: on which day, and how far. What was withdrawn before is not given back. */
export function WithdrawConsent({ study, subject }: { study: string; subject: SubjectDetail }) {
  const t = useTranslations("enrolment.withdrawal");
  const router = useRouter();
  const trpc = useTRPC();
  const [asking, setAsking] = useState(false);
  const [withdrawnOn, setWithdrawnOn] = useState("");
  const left = scopes.slice(subject.withdrawn === null ? 0 : scopes.indexOf(subject.withdrawn) + 1);
  const [scope, setScope] = useState<WithdrawInput["scope"] | null>(null);
  const withdraw = useMutation(
    trpc.enrolment.withdraw.mutationOptions({
      onSuccess: () => {
        setAsking(false);
        setScope(null);
        router.refresh();
      },
    }),
  );
  if (left.length === 0) return null;
  return (
    <>
      <Button onClick={() => setAsking(true)} className="justify-self-start">
        {t("action")}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("title", { number: subject.number })}
        action={
          <Button
            kind="danger"
            disabled={withdraw.isPending || scope === null || withdrawnOn === ""}
            onClick={() => scope && withdraw.mutate({ study, number: subject.number, withdrawnOn, scope })}
          >
            {withdraw.isPending ? t("busy") : t("submit")}
          </Button>
        }
      >
        <p>{t("explain")}</p>
        <TextField
          label={t("on")}
          type="date"
          value={withdrawnOn}
          onChange={(event) => setWithdrawnOn(event.target.value)}
          required
        />
        <Choice
          legend={t("scopeTitle")}
          name="scope"
          value={scope}
          onChange={setScope}
          options={left.map((value) => ({ value, label: t(`meaning.${value}`) }))}
        />
        {withdraw.error ? <ProblemList {...problemOf(withdraw.error)} /> : null}
      </ConfirmDialog>
    </>
  );
}
