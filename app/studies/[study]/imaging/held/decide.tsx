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
import type { HeldImage } from "@/server/schemas/series";
import type { BlackBox } from "./black-box";

type Decision = NonNullable<HeldImage["decided"]>["decision"];

/** What somebody decides; boxes are what is to be black. */
export type Decided =
  | { decision: Exclude<Decision, "blacked_out"> }
  | { decision: "blacked_out"; boxes: readonly BlackBox[] };

/** One decision about a held image, with its reason; it cannot be taken back. */
export function Decide({ study, instanceId, what }: { study: string; instanceId: string; what: Decided }) {
  const t = useTranslations("imaging.held");
  const router = useRouter();
  const trpc = useTRPC();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const onSuccess = () => {
    setOpen(false);
    router.refresh();
  };
  const decide = useMutation(trpc.series.decide.mutationOptions({ onSuccess }));
  const blackOut = useMutation(trpc.series.blackOut.mutationOptions({ onSuccess }));
  const error = decide.error ?? blackOut.error;
  const action = t(`action.${what.decision}`);
  const send = () =>
    what.decision === "blacked_out"
      ? blackOut.mutate({ study, instanceId, boxes: [...what.boxes], reason })
      : decide.mutate({ study, instanceId, decision: what.decision, reason });
  return (
    <>
      <Button disabled={what.decision === "blacked_out" && what.boxes.length === 0} onClick={() => setOpen(true)}>
        {action}
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={action}
        action={
          <Button
            kind="primary"
            disabled={decide.isPending || blackOut.isPending || reason.trim().length < 3}
            onClick={send}
          >
            {action}
          </Button>
        }
      >
        {error ? <ProblemList {...problemOf(error)} /> : null}
        <p>
          {what.decision === "blacked_out"
            ? t("means.blacked_out", { count: what.boxes.length })
            : t(`means.${what.decision}`)}
        </p>
        <TextArea label={t("why")} value={reason} onChange={(event) => setReason(event.target.value)} />
      </ConfirmDialog>
    </>
  );
}
