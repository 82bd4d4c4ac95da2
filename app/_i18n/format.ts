import { type Locale, useLocale } from "next-intl";

/** How each language writes moments, days of the record and punctuation. Numbers have a decimal point in both. */
const styles = {
  en: {
    tag: "en-GB",
    month: "short",
    day: (iso: string) => iso,
    comma: ", ",
    between: ", ",
    semicolon: "; ",
    colon: ": ",
    stop: ". ",
    gap: " ",
  },
  zh: {
    tag: "zh-CN",
    month: "long",
    day: (iso: string) => {
      const [year, month, day] = iso.split("-").map(Number);
      return `${year}年${month}月${day}日`;
    },
    comma: "，",
    between: "、",
    semicolon: "；",
    colon: "：",
    stop: "。",
    gap: "",
  },
} as const;

/** Formatting in the language of the page. */
export const useFormat = () => formatIn(useLocale());

/** Formatting in a language, for pages that wait for their data (`await getLocale()`). */
export function formatIn(locale: Locale) {
  const { tag, month, day, comma, between, semicolon, colon, stop, gap } = styles[locale];
  const whole = new Intl.NumberFormat(tag, { maximumFractionDigits: 0 });
  return {
    /** A moment in a time zone (absent: that of the browser) to the minute or the day; `zone` names that zone behind it. */
    moment: (
      at: Date,
      { date, timeZone, zone = false }: { date: boolean; timeZone: string | undefined; zone?: boolean },
    ) =>
      new Intl.DateTimeFormat(tag, {
        day: "numeric",
        month,
        year: "numeric",
        ...(date ? {} : { hour: "2-digit", minute: "2-digit" }),
        timeZone,
        ...(zone ? { timeZoneName: "short" } : {}),
      })
        .format(at)
        .replace(",", ""),
    /** A day as the record holds it, "2026-01-05". */
    day,
    /** A count or a size in whole units, with its thousands apart. */
    whole: (value: number) => whole.format(value),
    /** What something is or was: "Reason: ill". */
    named: (name: string, what: string | number) => `${name}${colon}${what}`,
    /** Between words and an element, and behind a sentence that ends in one. */
    comma,
    stop,
    /** Whole sentences one after the other. */
    sentences: (...parts: readonly (string | null)[]) => parts.filter(Boolean).join(gap),
    /** Words in a row, "a, b"; or longer parts that hold commas themselves, "a; b". */
    list: (parts: readonly string[], how: "close" | "apart" = "close") =>
      parts.join(how === "close" ? between : semicolon),
  };
}
