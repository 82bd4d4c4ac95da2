import { createTranslator } from "use-intl/core";
import errorsEn from "./en/errors.json";
import errorsZh from "./zh/errors.json";

/** The languages of the product: English and Simplified Chinese. */
export const locales = ["en", "zh"] as const;
export type Locale = (typeof locales)[number];

/**
 * The words that pages, model card and command line share: errors, problems of forms, reasons of statistics, regimens. One file a namespace and
 * language, as ICU messages. What only a page says is in `app/_messages/`; pages see both under one roof (`app/_i18n/request.ts`).
 */
const en = { errors: errorsEn };
const zh: typeof en = { errors: errorsZh };
const messages = { en, zh } satisfies Record<Locale, typeof en>;

type Leaves<T> = { [K in keyof T & string]: T[K] extends string ? K : `${K}.${Leaves<T[K]>}` }[keyof T & string];

/** A message by namespace and name, e.g. "errors.study_locked". */
export type WordKey = Leaves<typeof en>;
export type WordValues = Record<string, string | number>;

/** Something to say, in no language yet. */
export interface Said {
  key: WordKey;
  values?: WordValues;
}

/** Words of one language: `sayIn("zh")({ key: "errors.unavailable" })`. */
export function sayIn(locale: Locale): (said: Said) => string {
  const translate = createTranslator({ locale, messages: messages[locale] });
  return ({ key, values }) => translate(key, values);
}
