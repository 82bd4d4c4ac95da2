import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Button } from "@/app/_components/button";
import { formatP } from "@/app/_components/format-p";
import { Stat, type StatValue } from "@/app/_components/stat";
import { useSay } from "@/app/_lib/use-say";
import type { Said } from "@/core/words";
import type { CompanionKind, Run } from "@/server/schemas/model";
import { RunState } from "../run-state";

export type CompanionDifference =
  | { estimate: number; lower: number | null; upper: number | null; n: number; p: number | null }
  | { reason: Said };

const decimals = (value: number | null) => value?.toFixed(3) ?? "–";

/** One control or baseline: what it says, and its AUC, its progress or the button that starts it. */
export function CompanionRow({
  kind,
  run,
  auc,
  difference,
  link,
  expected,
  onStart,
  starting,
}: {
  kind: CompanionKind;
  run: Run | undefined;
  auc: StatValue | null;
  difference: CompanionDifference | null;
  link: (label: string) => ReactNode;
  /** How long it takes, in words. */
  expected: string;
  /** Null: this person may not train. */
  onStart: (() => void) | null;
  starting: boolean;
}) {
  const t = useTranslations("models.companions");
  const say = useSay();
  const stopped = run?.state === "failed" || run?.state === "cancelled";
  return (
    <li className="grid grid-cols-[1fr_auto] items-center gap-4 px-4 py-3">
      <div className="min-w-0">
        <p className="font-medium">{link(t(`kind.${kind}`))}</p>
        <p className="text-soft text-sm">{t(`why.${kind}`)}</p>
        {onStart && (!run || stopped) ? <p className="text-sm">{expected}</p> : null}
        {difference ? (
          <p className="numbers text-sm">
            {"reason" in difference
              ? t("unpaired", { reason: say(difference.reason) })
              : t("less", {
                  difference: decimals(difference.estimate),
                  lower: decimals(difference.lower),
                  upper: decimals(difference.upper),
                  p: formatP(difference.p),
                  n: difference.n,
                })}
          </p>
        ) : null}
      </div>
      <div className="flex items-center justify-end gap-3 text-right">
        {run && run.state !== "done" ? (
          <span className="grid justify-items-end gap-1 text-soft text-sm">
            <RunState state={run.state} />
            {run.state === "running" && run.total > 0 ? (
              <span className="numbers">{t("progress", { percent: ((100 * run.done) / run.total).toFixed(0) })}</span>
            ) : null}
          </span>
        ) : null}
        {auc ? <Stat value={auc} as="number" /> : null}
        {!run && !onStart ? <span className="text-soft text-sm">{t("notRun")}</span> : null}
        {onStart && (!run || stopped) ? (
          <Button disabled={starting} onClick={onStart} aria-label={t("startLabel", { kind: t(`kind.${kind}`) })}>
            {starting ? t("starting") : t("start")}
          </Button>
        ) : null}
      </div>
    </li>
  );
}
