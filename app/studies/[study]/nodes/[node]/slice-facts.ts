import { useTranslations } from "next-intl";
import { useFormat } from "@/app/_i18n/format";
import type { PassportSlice } from "@/server/schemas/passport";

/** At most four digits behind the point, and none that says nothing. */
const shortly = (value: number) => String(Math.round(10_000 * value) / 10_000);

/** Where a slice lies and how far its pixels are apart, in words. */
export function useSliceWords() {
  const t = useTranslations("passport.slice");
  const plane = useTranslations("imaging.images.plane");
  const { day } = useFormat();
  return {
    /** "Series 4, T2 tra, of 6 Jan 2026" */
    series: ({ series, description, exam }: PassportSlice) =>
      t("series", { number: series ?? "–", description: description ?? t("unnamed"), day: day(exam) }),
    /** "Image 12, frame 1 of 1, axial" */
    place: ({ number, frame, frames, orientation }: PassportSlice) =>
      t("place", {
        ...{ number: number ?? "–", frame, frames },
        plane: orientation ? plane(orientation) : t("nowhere"),
      }),
    spacing: (spacing: { rows: number; columns: number } | null) =>
      spacing ? t("spacing", { rows: shortly(spacing.rows), columns: shortly(spacing.columns) }) : t("noSpacing"),
  };
}
