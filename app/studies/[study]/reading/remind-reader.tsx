"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { toast } from "sonner";
import { Button } from "@/app/_components/button";
import { ConfirmDialog } from "@/app/_components/confirm-dialog";
import { SelectField } from "@/app/_components/field";
import { ProblemList } from "@/app/_components/problem-list";
import { When } from "@/app/_components/values";
import { problemOf, useTRPC } from "@/app/_lib/trpc";

/** A mail to a reader who has cases open. */
export function RemindReader({
  study,
  readers,
}: {
  study: string;
  readers: readonly { readerCode: string; name: string; remindedAt: Date | null }[];
}) {
  const t = useTranslations("reading.progress");
  const router = useRouter();
  const trpc = useTRPC();
  const [asking, setAsking] = useState(false);
  const [readerCode, setReaderCode] = useState(readers[0]?.readerCode ?? "");
  const remind = useMutation(
    trpc.reading.remind.mutationOptions({
      onSuccess: () => {
        setAsking(false);
        toast(t("reminded", { reader: readerCode }));
        router.refresh();
      },
    }),
  );
  const last = readers.find((reader) => reader.readerCode === readerCode)?.remindedAt;
  return (
    <>
      <Button onClick={() => setAsking(true)}>{t("remind")}</Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={(open) => {
          setAsking(open);
          remind.reset();
        }}
        title={t("remind")}
        action={
          <Button kind="primary" disabled={remind.isPending} onClick={() => remind.mutate({ study, readerCode })}>
            {remind.isPending ? t("reminding") : t("remind")}
          </Button>
        }
      >
        <p>{t("remindWhat")}</p>
        <SelectField
          label={t("remindReader")}
          value={readerCode}
          onChange={(event) => {
            setReaderCode(event.target.value);
            remind.reset();
          }}
          options={readers.map(({ readerCode: code, name }) => ({ value: code, label: `${code} ${name}` }))}
        />
        {last ? (
          <p className="text-soft text-sm">
            {t("remindedLast")} <When at={last} />
          </p>
        ) : null}
        {remind.error ? <ProblemList {...problemOf(remind.error)} /> : null}
      </ConfirmDialog>
    </>
  );
}
