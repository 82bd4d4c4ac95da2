import { type Locale, locales } from "@/core/words";

/** The cookie in which a person's choice of language is kept. */
export const localeCookie = "locale";

const isLocale = (text: string | undefined): text is Locale => locales.some((locale) => locale === text);

/** Most characters of the wishes that are read; a browser sends a few dozen. */
const longestWishes = 200;

/** The language of a request: what the person chose, else the first of ours that the browser wishes for, else English. */
export function localeOf(headers: Pick<Headers, "get">): Locale {
  const cookie = headers.get("cookie") ?? "";
  const chosen = new RegExp(`(?:^|;\\s*)${localeCookie}=(\\w+)`).exec(cookie)?.[1];
  if (isLocale(chosen)) return chosen;
  const wishes = (headers.get("accept-language") ?? "")
    .slice(0, longestWishes)
    .split(",")
    .map((part) => {
      const [tag = "", q = "q=1"] = part.split(";").map((each) => each.trim());
      return { language: tag.split("-")[0]?.toLowerCase(), weight: Number(q.replace("q=", "")) };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  return wishes.map(({ language }) => language).find(isLocale) ?? "en";
}
