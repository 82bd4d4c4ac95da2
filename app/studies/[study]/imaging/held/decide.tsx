"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { ReasonDialog } from "@/app/_components/reason-dialog";
import { useTRPC } from "@/app/_lib/trpc";
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
  const decide = useMutation(trpc.series.decide.mutationOptions({ onSuccess: () => router.refresh() }));
  const blackOut = useMutation(trpc.series.blackOut.mutationOptions({ onSuccess: () => router.refresh() }));
  const asked = { action: t(`action.${what.decision}`), why: t("why") };
  if (what.decision === "blacked_out")
    return (
      <ReasonDialog
        {...asked}
        deed={blackOut}
        disabled={what.boxes.length === 0}
        onGive={(reason, done) =>
          blackOut.mutate({ study, instanceId, boxes: [...what.boxes], reason }, { onSuccess: done })
        }
      >
        {t("means.blacked_out", { count: what.boxes.length })}
      </ReasonDialog>
    );
  const { decision } = what;
  return (
    <ReasonDialog
      {...asked}
      deed={decide}
      onGive={(reason, done) => decide.mutate({ study, instanceId, decision, reason }, { onSuccess: done })}
    >
      {t(`means.${decision}`)}
    </ReasonDialog>
  );
}
