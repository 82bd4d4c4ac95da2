import { useTranslations } from "next-intl";

/** "2 h 10 min", "3 min 20 s", "45 s": two units, the larger first. */
export function useDuration(): (seconds: number) => string {
  const t = useTranslations("models.duration");
  return (seconds) => {
    const whole = Math.max(0, Math.round(seconds));
    const minutes = Math.round(whole / 60);
    if (whole < 60) return t("seconds", { seconds: whole });
    if (whole < 600) return t("minutesSeconds", { minutes: Math.floor(whole / 60), seconds: whole % 60 });
    if (minutes < 60) return t("minutes", { minutes });
    return t("hours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
  };
}
