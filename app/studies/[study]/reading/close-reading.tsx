"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_components/button";
import { ConfirmDialog } from "@/app/_components/confirm-dialog";
import { SelectField, TextArea } from "@/app/_components/field";
import { ProblemList } from "@/app/_components/problem-list";
import { problemOf, useTRPC } from "@/app/_lib/trpc";

/** For the reader who left, or a reading that ends early: what is outstanding is read no more, with the reason. */
export function CloseReading({ study, readerCodes }: { study: string; readerCodes: readonly string[] }) {
  const t = useTranslations("reading.progress");
  const router = useRouter();
  const trpc = useTRPC();
  const [asking, setAsking] = useState(false);
  const [readerCode, setReaderCode] = useState(readerCodes[0] ?? "");
  const [reason, setReason] = useState("");
  const close = useMutation(
    trpc.reading.close.mutationOptions({
      onSuccess: () => {
        setAsking(false);
        setReason("");
        router.refresh();
      },
    }),
  );
  return (
    <>
      <Button onClick={() => setAsking(true)}>{t("close")}</Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("close")}
        action={
          <Button
            kind="danger"
            disabled={close.isPending || reason.trim() === ""}
            onClick={() => close.mutate({ study, readerCode, reason })}
          >
            {close.isPending ? t("closing") : t("close")}
          </Button>
        }
      >
        <p>{t("closeWhat")}</p>
        <SelectField
          label={t("closeReader")}
          value={readerCode}
          onChange={(event) => setReaderCode(event.target.value)}
          options={readerCodes.map((code) => ({ value: code, label: code }))}
        />
        <TextArea
          label={t("closeReason")}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          required
        />
        {close.error ? <ProblemList {...problemOf(close.error)} /> : null}
      </ConfirmDialog>
    </>
  );
}
