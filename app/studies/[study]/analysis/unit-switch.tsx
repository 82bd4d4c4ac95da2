import Link from "next/link";
import { useTranslations } from "next-intl";
import { Notice } from "@/app/_components/notice";
import { type CountedUnit, countedUnit } from "@/server/schemas/analysis";

/** What is counted in every number of the page: links, so that the address keeps it. */
export function UnitSwitch({
  study,
  run,
  shown,
  planned,
  rule,
}: {
  study: string;
  /** The run that the address names. */
  run: string | undefined;
  shown: CountedUnit;
  planned: CountedUnit;
  rule: "any" | "majority" | "mean";
}) {
  const t = useTranslations("analysis.unit");
  const address = (unit: CountedUnit) => {
    const asked = new URLSearchParams({ ...(run && { run }), ...(unit !== planned && { unit }) }).toString();
    return `/studies/${study}/analysis${asked ? `?${asked}` : ""}`;
  };
  return (
    <>
      <nav aria-label={t("title")} className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
        <span className="text-soft">{t("title")}</span>
        {countedUnit.options.map((unit) => (
          <Link
            key={unit}
            href={address(unit)}
            aria-current={unit === shown ? "true" : undefined}
            className={unit === shown ? "font-semibold" : "text-accent underline underline-offset-2"}
          >
            {t(unit === planned ? "planned" : "other", { unit: t(unit) })}
          </Link>
        ))}
      </nav>
      {shown === "image" ? null : <p className="mb-4 max-w-prose text-soft text-sm">{t(`rule.${rule}`)}</p>}
      {shown === planned ? null : <Notice>{t("postHoc", { unit: t(shown), planned: t(planned) })}</Notice>}
    </>
  );
}
