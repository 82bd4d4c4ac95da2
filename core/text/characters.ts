import type { z } from "zod";
import type { Said } from "../words";

type Kind = "line" | "direction" | "half" | "control";

/** Line and paragraph breaks, among them those of Unicode (UAX #14, classes LF, CR, NL and BK). */
const breaks = /[\n\v\f\r\u0085\u2028\u2029]/u;
/** Embeddings, overrides and isolates (UAX #9, 2.1 to 2.5): after them a text is shown in another order than it is stored. */
const directions = /[\u202a-\u202e\u2066-\u2069]/u;
/** Half of a surrogate pair: no character, and nothing that UTF-8 can hold. */
const halves = /[\ud800-\udfff]/u;
/** General category Cc. */
const controls = /\p{Cc}/u;
/** Any of them: most texts have none, and are looked at once. */
const strange = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]/u;

function kindOf(character: string): Kind | null {
  if (breaks.test(character)) return "line";
  if (directions.test(character)) return "direction";
  if (halves.test(character)) return "half";
  return controls.test(character) ? "control" : null;
}

const codeOf = (character: string) =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;

/**
 * The first character of a text that is not kept: Postgres stores no U+0000, a half of a pair is no text, and the others make two texts look alike, or one
 * look like what it is not.
 * @param options.lines whether it may have line breaks and tabs, as a reason or a document may
 */
export function strangeCharacter(text: string, { lines }: { lines: boolean }): { code: string; kind: Kind } | null {
  if (!strange.test(text)) return null;
  for (const character of text) {
    const kind = lines && /[\t\n\r]/.test(character) ? null : kindOf(character);
    if (kind) return { code: codeOf(character), kind };
  }
  return null;
}

/** The text as a line of a log: each character that is not kept by its code. */
export const printable = (text: string): string =>
  [...text].map((character) => (kindOf(character) ? `<${codeOf(character)}>` : character)).join("");

/** What JSON leaves as it is of the characters that are not kept; a line end of its own stays. */
const unescaped = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** JSON that says the same, with nothing in it that breaks a line or commands a terminal. */
export const printableJson = (json: string): string =>
  json.replace(unescaped, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** `strangeCharacter` as something to say of a cell of a table. */
export function problemOfCell(column: string, cell: string): Said | null {
  const strange = strangeCharacter(cell, { lines: false });
  return strange && { key: "fields.cell_character", values: { column, ...strange } };
}

const check =
  (lines: boolean) =>
  ({ value, issues }: z.core.ParsePayload<string>): void => {
    const strange = strangeCharacter(value, { lines });
    if (strange) issues.push({ code: "custom", message: "fields.character", input: value, params: strange });
  };

/** For `check` of a schema: a name, a number, an id. */
export const oneLine = check(false);
/** For `check` of a schema: a reason or a document, which may have lines. */
export const withLines = check(true);
