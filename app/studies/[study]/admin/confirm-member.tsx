"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_components/button";
import { ConfirmDialog } from "@/app/_components/confirm-dialog";
import { ProblemList } from "@/app/_components/problem-list";
import { useFormat } from "@/app/_i18n/format";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import type { Members } from "@/server/schemas/study";

/** The second person confirms a role, and is told before what it shows. */
export function ConfirmMember({ study, member }: { study: string; member: Members[number] }) {
  const t = useTranslations();
  const { named } = useFormat();
  const router = useRouter();
  const trpc = useTRPC();
  const [asking, setAsking] = useState(false);
  const confirm = useMutation(
    trpc.admin.confirmMember.mutationOptions({
      onSuccess: () => {
        setAsking(false);
        router.refresh();
      },
    }),
  );
  return (
    <>
      <Button
        onClick={() => {
          confirm.reset();
          setAsking(true);
        }}
        aria-label={named(t("admin.confirm.action"), member.name)}
      >
        {t("admin.confirm.action")}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("admin.confirm.title", { name: member.name, role: t(`frame.role.${member.role}`) })}
        action={
          <Button
            kind="primary"
            disabled={confirm.isPending}
            onClick={() => confirm.mutate({ study, membershipId: member.id })}
          >
            {confirm.isPending ? t("admin.confirm.busy") : t("admin.confirm.action")}
          </Button>
        }
      >
        <p>{t(`admin.sees.${member.role}`)}</p>
        <p>{t("admin.confirm.explain", { email: member.email })}</p>
        {confirm.error ? <ProblemList {...problemOf(confirm.error)} /> : null}
      </ConfirmDialog>
    </>
  );
}
