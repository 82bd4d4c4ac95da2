import { z } from "zod";
import { isWordKey, type Said, sayIn, type WordKey } from ".";

/** Something to say as it travels in JSON. */
export const said: z.ZodType<Said> = z.lazy(() =>
  z
    .strictObject({
      key: z.custom<WordKey>((key) => typeof key === "string" && isWordKey(key), "is no message"),
      values: z.record(z.string(), z.union([z.string(), z.number(), said])).optional(),
    })
    .transform(({ key, values }) => (values ? { key, values } : { key })),
);

/** Text that a person or another program wrote: the same in every language. */
export const asWritten = (text: string): Said => ({ key: "errors.as_written", values: { text } });

/** Two sentences, one after the other. */
export const followedBy = (first: Said, second: Said): Said => ({
  key: "errors.followed_by",
  values: { first, second },
});

/** A fault that is said to a person. Its `message` is the English sentence: for logs, and where nobody's language is known. */
export class SaidError extends Error {
  override name = "SaidError";
  constructor(
    readonly said: Said,
    options?: ErrorOptions,
  ) {
    super(sayIn("en")(said), options);
  }
}

/** What an error says; one that was meant for programmers, as it was written. */
export const saidOfError = (error: unknown): Said =>
  error instanceof SaidError ? error.said : asWritten(error instanceof Error ? error.message : String(error));

/** As a column of text keeps it: a message as JSON, other text as it is. */
export const toStored = (words: Said): string =>
  words.key === "errors.as_written" ? String(words.values?.text ?? "") : JSON.stringify(words);

/** What a column of text says; what was stored before messages had keys, as it was written. */
export function fromStored(text: string): Said {
  try {
    return said.parse(JSON.parse(text));
  } catch {
    return asWritten(text);
  }
}

/** `T` with a text wherever there was something to say. */
export type Spoken<T> = T extends Said
  ? string
  : T extends Date
    ? T
    : T extends object
      ? { [K in keyof T]: Spoken<T[K]> }
      : T;

/** Records as files and programs take them: what is said in them in English, whatever language asks. */
export function inEnglish<T>(value: T): Spoken<T>;
export function inEnglish(value: unknown): unknown {
  const found = said.safeParse(value);
  if (found.success) return sayIn("en")(found.data);
  if (Array.isArray(value)) return value.map(inEnglish);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inEnglish(inner)]));
}
