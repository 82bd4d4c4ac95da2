import { useTranslations } from "next-intl";
import { When } from "@/app/_components/values";
import type { ReadingProgress } from "@/server/schemas/reading";

/** The lists that were opened before their wash-out was over: by whom, when, and why. */
export function WashOutOverrides({ overrides }: Pick<ReadingProgress, "overrides">) {
  const t = useTranslations("reading.progress.washOut");
  return (
    <section className="mt-6 grid gap-2" aria-label={t("deviations")}>
      <h2 className="font-semibold text-lg">{t("deviations")}</h2>
      <ul className="grid gap-3">
        {overrides.map(({ id, reason, by, at, opensAt, washOutDays, ...list }) => (
          <li key={id} className="border-warning border-l-4 pl-4">
            <p className="font-medium">{t("ofReader", { ...list })}</p>
            <p className="text-soft text-sm">
              {t("asked", { days: washOutDays })} <When at={opensAt} zone /> · {t("signed", { by })}{" "}
              <When at={at} zone />
            </p>
            <p className="wrap-anywhere">{reason}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
