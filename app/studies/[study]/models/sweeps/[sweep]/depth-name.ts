import { useTranslations } from "next-intl";

/** "none", "3 blocks", "26 convolutions". */
export function useDepthName(): (frozen: number, unit: "blocks" | "convolutions") => string {
  const t = useTranslations("models.sweep");
  return (frozen, unit) => t(unit === "blocks" ? "blocks" : "convolutionsValue", { frozen });
}
