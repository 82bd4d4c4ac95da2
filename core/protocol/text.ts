import { z } from "zod";
import type { Locale } from "../words/locale";

const words = z.string().trim().min(1);
const inEachLanguage = z.strictObject({ en: words, zh: words } satisfies Record<Locale, z.ZodType>);

/** What a person reads: one text for everybody, or one in each language. */
export const text = z.union([words, inEachLanguage], { error: "protocol.text" });
export type Text = z.infer<typeof text>;

/** A name in the program: of a criterion, a plane, a condition. */
export const key = z.string().regex(/^[a-z][a-z0-9_-]*$/, "protocol.key");

/** What stands in the record, e.g. T4a or superior rectal artery, with what a person reads for it. */
export const option = z.strictObject({ key: z.string().trim().min(1), label: text });

/** The same shape with a plain string wherever there may be one in each language. */
export type InOneLanguage<T> = [z.infer<typeof inEachLanguage>] extends [T]
  ? string | Extract<T, undefined>
  : T extends readonly (infer Item)[]
    ? InOneLanguage<Item>[]
    : T extends object
      ? { [Name in keyof T]: InOneLanguage<T[Name]> }
      : T;

/** The document with its texts in one language; a text that has no languages stays as it is. */
export function inLanguage<T>(document: T, locale: Locale): InOneLanguage<T>;
export function inLanguage(document: unknown, locale: Locale): unknown {
  if (Array.isArray(document)) return document.map((item) => inLanguage(item, locale));
  if (typeof document !== "object" || document === null) return document;
  const texts = inEachLanguage.safeParse(document);
  if (texts.success) return texts.data[locale];
  return Object.fromEntries(Object.entries(document).map(([name, value]) => [name, inLanguage(value, locale)]));
}
