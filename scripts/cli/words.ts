import { type Locale, locales, sayIn, type WordKey, type WordValues } from "@/core/words";

const isLocale = (text: string | undefined): text is Locale => locales.some((locale) => locale === text);

/** `--lang`, wherever it stands, else the language of the shell, else English: help is written before options are read. */
function wished(): Locale {
  const at = process.argv.findIndex((word) => word === "--lang" || word.startsWith("--lang="));
  const asked = at < 0 ? undefined : (process.argv[at]?.split("=")[1] ?? process.argv[at + 1]);
  const { LC_ALL, LC_MESSAGES, LANG } = process.env;
  return [asked, (LC_ALL || LC_MESSAGES || LANG)?.split("_")[0]].find(isLocale) ?? "en";
}

/** The language of this command. */
export const locale = wished();

/** Anything that can be said, in the language of this command. */
export const inWords = sayIn(locale);

type OfCommandLine<Key> = Key extends `cli.${infer Name}` ? Name : never;

/** The command line's own words. */
export const words = (name: OfCommandLine<WordKey>, values: WordValues = {}): string =>
  inWords({ key: `cli.${name}`, values });
