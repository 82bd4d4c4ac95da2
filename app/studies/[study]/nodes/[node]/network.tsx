import Link from "next/link";
import { useTranslations } from "next-intl";
import { Badge, LeakBadge } from "@/app/_components/badge";
import { Noted } from "@/app/_components/noted";
import { useSay } from "@/app/_lib/use-say";
import type { PassportNetwork } from "@/server/schemas/passport";
import { Fact, Facts } from "./facts";

/** The scores of the node's images by the run that speaks for the network, with what they must not be read without. */
export function Network({
  study,
  network: { run, scores },
  planes,
}: {
  study: string;
  network: PassportNetwork;
  planes: readonly { key: string; label: string }[];
}) {
  const t = useTranslations("passport");
  const say = useSay();
  if (!run) return null;
  const places = planes.map(({ key }) => key);
  const byPlane = scores.toSorted((a, b) => places.indexOf(a.plane) - places.indexOf(b.plane));
  const leaks = run.leakage !== null && run.leakage.sameSubject > 0;
  return (
    <div className="break-inside-avoid rounded-md border border-line bg-surface p-4">
      <p className="mb-2 flex flex-wrap items-center gap-2">
        <Link href={`/studies/${study}/models/${run.id}`} className="text-accent underline underline-offset-2">
          {t("network.run", { id: run.id.slice(0, 8) })}
        </Link>
        {leaks ? <LeakBadge /> : null}
      </p>
      {run.cautions.length > 0 ? (
        <ul className="mb-3 grid gap-1" aria-label={t("network.cautions")}>
          {run.cautions.map((caution) => (
            <li key={say(caution)} className="flex items-baseline gap-2 text-sm text-warning">
              <span aria-hidden="true">▲</span>
              {say(caution)}
            </li>
          ))}
        </ul>
      ) : null}
      <Facts>
        <Fact name={t("noted")}>{run.endedAt ? <Noted by={run.by} at={run.endedAt} /> : null}</Fact>
        {byPlane.map(({ cropId, plane, score, threshold, fold }) => (
          <Fact key={cropId} name={planes.find(({ key }) => key === plane)?.label ?? plane}>
            <span className="flex flex-wrap items-center gap-x-3">
              <Badge tone={score >= threshold ? "danger" : "success"} shape={score >= threshold ? "+" : "−"}>
                {t(score >= threshold ? "network.positive" : "network.negative")}
              </Badge>
              {t("network.score", { score: score.toFixed(3), threshold: threshold.toFixed(3) })}
              {fold !== null && fold >= 0 ? (
                <span className="text-soft">{t("network.fold", { fold: fold + 1 })}</span>
              ) : null}
            </span>
          </Fact>
        ))}
      </Facts>
    </div>
  );
}
