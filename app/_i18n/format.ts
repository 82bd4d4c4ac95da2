import { useLocale } from "next-intl";

/** How each language writes a day and a moment, a day of the record, and words in a row. Numbers have a decimal point in both. */
const styles = {
  en: { tag: "en-GB", month: "short", day: (iso: string) => iso, comma: ", " },
  zh: {
    tag: "zh-CN",
    month: "long",
    day: (iso: string) => {
      const [year, month, day] = iso.split("-").map(Number);
      return `${year}年${month}月${day}日`;
    },
    comma: "、",
  },
} as const;

/** Formatting in the language of the page. */
export function useFormat() {
  const { tag, month, day, comma } = styles[useLocale()];
  const whole = new Intl.NumberFormat(tag, { maximumFractionDigits: 0 });
  return {
    /** A moment in a time zone (absent: that of the browser) to the minute or the day. */
    moment: (at: Date, { date, timeZone }: { date: boolean; timeZone: string | undefined }) =>
      new Intl.DateTimeFormat(tag, {
        day: "numeric",
        month,
        year: "numeric",
        ...(date ? {} : { hour: "2-digit", minute: "2-digit" }),
        timeZone,
      })
        .format(at)
        .replace(",", ""),
    /** A day as the record holds it, "2026-01-05". */
    day,
    /** A count or a size in whole units, with its thousands apart. */
    whole: (value: number) => whole.format(value),
    /** Words in a row, as "a, b". */
    list: (words: readonly string[]) => words.join(comma),
  };
}
