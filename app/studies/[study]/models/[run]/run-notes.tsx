import Link from "next/link";
import { useTranslations } from "next-intl";
import { Notice } from "@/app/_components/notice";
import { ProblemList } from "@/app/_components/problem-list";
import { useSay } from "@/app/_lib/use-say";
import { finalFold } from "@/core/network/folds";
import type { Run, RunProgress } from "@/server/schemas/model";

const link = "text-accent underline underline-offset-2";

/** What must be known before the numbers are read: why it failed and what to do, where it goes on, what it stands beside. */
export function RunNotes({
  study,
  run,
  metrics,
  finished,
  mayTrain,
}: {
  study: string;
  run: Run;
  metrics: RunProgress["metrics"];
  finished: number;
  mayTrain: boolean;
}) {
  const t = useTranslations("models.run");
  const say = useSay();
  const { config, state } = run;
  const last = metrics.filter((metric) => metric.fold !== finalFold).at(-1);
  const newest = metrics.find((metric) => metric.fold === finalFold)
    ? metrics.findLast((each) => each.fold === finalFold)
    : last;
  const where = newest
    ? t("resumeFold", {
        fold: newest.fold === finalFold ? t("final") : say({ key: "worker.fold", values: { fold: newest.fold + 1 } }),
        epoch: newest.epoch,
        finished,
      })
    : t("resumeStart");
  return (
    <>
      {run.error ? (
        <div className="mb-6">
          <ProblemList message={say(run.error)} problems={mayTrain && state === "failed" ? [t("remedy")] : []} />
        </div>
      ) : null}
      {mayTrain && (state === "failed" || state === "cancelled") ? <Notice>{t("resumeFrom", { where })}</Notice> : null}
      {state === "queued" ? <Notice>{t("waiting")}</Notice> : null}
      {run.attempts > 1 ? <Notice>{t("attempts", { count: run.attempts })}</Notice> : null}
      {config.shuffledLabels ? <Notice tone="warning">{t("control")}</Notice> : null}
      {config.trainable === "elsewhere" ? <Notice tone="warning">{t("elsewhere")}</Notice> : null}
      {run.companionOf ? (
        <Notice>
          {t("companionOf")}{" "}
          <Link className={link} href={`/studies/${study}/models/${run.companionOf}`}>
            {t("parent")}
          </Link>
        </Notice>
      ) : null}
      {run.sweepId ? (
        <Notice>
          {t("inSweep")}{" "}
          <Link className={link} href={`/studies/${study}/models/sweeps/${run.sweepId}`}>
            {t("sweep")}
          </Link>
        </Notice>
      ) : null}
    </>
  );
}
