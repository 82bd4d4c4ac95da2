import { useTranslations } from "next-intl";
import { When } from "@/app/_components/values";
import { useFormat } from "@/app/_i18n/format";
import type { ExamView } from "@/server/schemas/series";

/** How long who worked on an exam in the viewer, and when last. */
export function ExamTimes({ times }: { times: ExamView["times"] }) {
  const t = useTranslations("imaging.time");
  const { comma } = useFormat();
  if (times.length === 0) return null;
  return (
    <ul className="mb-3 text-soft text-sm" aria-label={t("title")}>
      {times.map(({ by, seconds, firstAt, lastAt }) => (
        <li key={`${by} ${firstAt.getTime()}`} className="numbers">
          {t("of", { by: by ?? "–", minutes: Math.floor(seconds / 60), seconds: seconds % 60 })}
          {comma}
          {t("last")} <When at={lastAt} zone />
        </li>
      ))}
    </ul>
  );
}
