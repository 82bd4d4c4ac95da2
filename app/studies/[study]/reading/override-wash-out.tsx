"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_components/button";
import { ConfirmDialog } from "@/app/_components/confirm-dialog";
import { SelectField, TextArea } from "@/app/_components/field";
import { PasswordField } from "@/app/_components/password-field";
import { ProblemList } from "@/app/_components/problem-list";
import { When } from "@/app/_components/values";
import { problemOf, useTRPC } from "@/app/_lib/trpc";

/** A list that is in its wash-out. */
export interface WaitingList {
  id: string;
  readerCode: string;
  condition: string;
  batch: number;
  opensAt: Date;
}

/** For the principal investigator: a list is opened before its wash-out is over, signed with the password and the reason. Has a key for what waits: nobody signs for another list than was shown. */
export function OverrideWashOut({ study, lists }: { study: string; lists: readonly [WaitingList, ...WaitingList[]] }) {
  const t = useTranslations("reading.progress.washOut");
  const router = useRouter();
  const trpc = useTRPC();
  const [asking, setAsking] = useState(false);
  const [listId, setListId] = useState(lists[0].id);
  const [reason, setReason] = useState("");
  const [password, setPassword] = useState("");
  const list = lists.find(({ id }) => id === listId) ?? lists[0];
  const override = useMutation(
    trpc.reading.overrideWashOut.mutationOptions({
      onSuccess: () => {
        setAsking(false);
        setReason("");
        router.refresh();
      },
      onSettled: () => setPassword(""),
    }),
  );
  return (
    <>
      <Button onClick={() => setAsking(true)}>{t("open")}</Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={(open) => {
          setAsking(open);
          if (!open) override.reset();
        }}
        title={t("open")}
        action={
          <Button
            kind="danger"
            disabled={override.isPending || reason.trim().length < 3 || password === ""}
            onClick={() =>
              override.mutate({ study, listId: list.id, opensAt: list.opensAt.toISOString(), reason, password })
            }
          >
            {override.isPending ? t("signing") : t("sign")}
          </Button>
        }
      >
        <p>{t("what")}</p>
        <SelectField
          label={t("list")}
          value={list.id}
          onChange={(event) => setListId(event.target.value)}
          options={lists.map(({ id, ...each }) => ({ value: id, label: t("ofReader", { ...each }) }))}
        />
        <p className="text-sm">
          {t("until")} <When at={list.opensAt} zone />
        </p>
        <TextArea
          label={t("reason")}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          required
          maxLength={500}
        />
        <PasswordField label={t("password")} value={password} onChange={(event) => setPassword(event.target.value)} />
        {override.error ? <ProblemList {...problemOf(override.error)} /> : null}
      </ConfirmDialog>
    </>
  );
}
