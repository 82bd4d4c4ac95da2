import { createTranslator } from "use-intl/core";
import errorsEn from "./en/errors.json";
import fieldsEn from "./en/fields.json";
import errorsZh from "./zh/errors.json";
import fieldsZh from "./zh/fields.json";

/** The languages of the product: English and Simplified Chinese. */
export const locales = ["en", "zh"] as const;
export type Locale = (typeof locales)[number];

/**
 * The words that pages, model card and command line share: errors, problems of forms, reasons of statistics, regimens. One file a namespace and
 * language, as ICU messages. What only a page says is in `app/_messages/`; pages see both under one roof (`app/_i18n/request.ts`).
 */
const en = { errors: errorsEn, fields: fieldsEn };
const zh: typeof en = { errors: errorsZh, fields: fieldsZh };
export const words = { en, zh } satisfies Record<Locale, typeof en>;

type Leaves<T> = { [K in keyof T & string]: T[K] extends string ? K : `${K}.${Leaves<T[K]>}` }[keyof T & string];

/** A message by namespace and name, e.g. "errors.study_locked". */
export type WordKey = Leaves<typeof en>;
export type WordValues = Record<string, string | number>;

/** Whether a text names a message, as the problem of a schema does. */
export const isWordKey = (text: string): text is WordKey =>
  typeof text
    .split(".")
    .reduce<unknown>(
      (at, name) => (typeof at === "object" && at !== null && name in at ? at[name as keyof typeof at] : undefined),
      en,
    ) === "string";

/** Something to say, in no language yet. */
export interface Said {
  key: WordKey;
  values?: WordValues;
}

/** Words of one language: `sayIn("zh")({ key: "errors.unavailable" })`. */
export function sayIn(locale: Locale): (said: Said) => string {
  const translate = createTranslator({ locale, messages: words[locale] });
  return ({ key, values }) => translate(key, values);
}
