import { useTranslations } from "next-intl";
import { Badge } from "@/app/_components/badge";
import { Noted } from "@/app/_components/noted";
import { ResultBadge } from "@/app/_components/result-badge";
import type { PassportReport } from "@/server/schemas/passport";
import { Fact, Facts } from "./facts";

const box = "break-inside-avoid rounded-md border border-line bg-surface p-4";

/** The specimens that a node was matched with, the newest first. */
export function Specimens({ reports }: { reports: readonly PassportReport[] }) {
  const t = useTranslations("passport");
  const confidence = useTranslations("pathology.confidence");
  const matched = reports.flatMap(({ id, specimen }) => (specimen ? [{ id, specimen }] : []));
  return (
    <ol className="grid gap-4">
      {matched.map(({ id, specimen: { label, by, at, match } }) => (
        <li key={id} className={box}>
          <p className="mb-2 font-semibold">{label}</p>
          <Facts>
            <Fact name={t("specimen.entered")}>
              <Noted by={by} at={at} />
            </Fact>
            <Fact name={t("specimen.match")}>{confidence(match.confidence)}</Fact>
            <Fact name={t("specimen.matched")}>
              <Noted by={match.by} at={match.at} />
            </Fact>
            <Fact name={t("specimen.shared")}>{match.sharedReason}</Fact>
          </Facts>
        </li>
      ))}
    </ol>
  );
}

/** What pathology reported, the newest first. */
export function Reports({ reports }: { reports: readonly PassportReport[] }) {
  const t = useTranslations("passport");
  return (
    <ol className="grid gap-4">
      {reports.map(({ id, result, reason, counts, by, at }) => (
        <li key={id} className={box}>
          <p className="mb-2 flex flex-wrap items-center gap-2">
            <ResultBadge result={result} />
            {counts ? null : <Badge shape="○">{t("replaced")}</Badge>}
          </p>
          <Facts>
            <Fact name={t("noted")}>
              <Noted by={by} at={at} />
            </Fact>
            <Fact name={t("reason")}>{reason}</Fact>
          </Facts>
        </li>
      ))}
    </ol>
  );
}
