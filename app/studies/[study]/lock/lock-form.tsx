"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_components/button";
import { ConfirmDialog } from "@/app/_components/confirm-dialog";
import { TextArea } from "@/app/_components/field";
import { ProblemList } from "@/app/_components/problem-list";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import { longestLockReason } from "@/server/schemas/study";

export function LockForm({
  study,
  needsReason,
  protocolSha256,
}: {
  study: string;
  needsReason: boolean;
  /** Of the protocol whose plan is shown. */
  protocolSha256: string | undefined;
}) {
  const t = useTranslations("lock");
  const router = useRouter();
  const trpc = useTRPC();
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState("");
  const lock = useMutation(
    trpc.lock.lock.mutationOptions({
      onSuccess: () => {
        setAsking(false);
        router.refresh();
      },
    }),
  );
  return (
    <>
      <Button kind="primary" onClick={() => setAsking(true)}>
        {t("action")}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("confirm")}
        action={
          <Button
            kind="danger"
            disabled={lock.isPending || (needsReason && reason.trim() === "")}
            onClick={() => lock.mutate({ study, protocolSha256, ...(reason.trim() ? { reason } : {}) })}
          >
            {lock.isPending ? t("busy") : t("action")}
          </Button>
        }
      >
        <p>{t("explain")}</p>
        {needsReason ? (
          <TextArea
            label={t("reason")}
            hint={t("reasonHint")}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            maxLength={longestLockReason}
            required
          />
        ) : null}
        {lock.error ? <ProblemList {...problemOf(lock.error)} /> : null}
      </ConfirmDialog>
    </>
  );
}
