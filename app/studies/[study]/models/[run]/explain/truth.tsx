import { useTranslations } from "next-intl";
import type { ScoredCrop } from "@/server/schemas/model";

/** What pathology reported, as a word with its mark. */
export function Truth({ truth }: Pick<ScoredCrop, "truth">) {
  const t = useTranslations("models.explain");
  if (truth === null) return <span className="text-soft">{t("unknown")}</span>;
  return (
    <span className="whitespace-nowrap">
      {truth === 1 ? t("positive") : t("negative")} <span aria-hidden="true">{truth === 1 ? "+" : "−"}</span>
    </span>
  );
}
