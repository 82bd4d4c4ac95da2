/** Marks without width and marks of direction: nobody sees them, and two ids that differ by one are one id. */
const unseen = /\p{Cf}/gu;
const blanks = /\s+/gu;

/** What most ids are: printable ASCII with no blank in it. */
const plain = /^[!-~]*$/;

/**
 * An id as it is kept and compared, however it was typed: composed letters (Unicode NFC; a Mac writes é as two signs, Windows as one), nothing that has no
 * width, one space where there are several, none at the ends. Capitals, zeros and kinds of hyphen stay: they may tell two patients apart (`lookAlikes`).
 */
export const tidyId = (text: string): string =>
  plain.test(text) ? text : text.normalize("NFC").replace(unseen, "").replace(blanks, " ").trim();

/** What is left of an id without what programs and people change by mistake: case, width, kind of hyphen or space, leading zeros of a number. */
const essence = (id: string): string =>
  tidyId(id)
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\p{Pd}\u2212_ ]+/gu, "-")
    .replace(/(?<!\d)0+(?=\d)/g, "");

/** A number as a spreadsheet shows it: 1E5 becomes 1.00E+05, and 123456789012 becomes 1.23E+11. */
const exponent = /^(\d)(?:\.(\d+))?e\+?(\d{1,2})$/i;
/** From as many digits on a spreadsheet rounds what it shows. */
const roundedFrom = 12;

/** Whether a spreadsheet may have made `shown`, which has an exponent, of `typed`. */
function mayShow(shown: string, typed: string): boolean {
  if (shown === typed) return false;
  const [, first = "", rest = "", power = ""] = exponent.exec(shown) ?? [];
  if (!/^\d+$/.test(typed)) return exponent.test(typed) && Number(typed) === Number(shown);
  if (typed.length < roundedFrom) return Number(typed) === Number(shown);
  const digits = first + rest;
  if (typed.length !== Number(power) + 1 || digits.length > typed.length) return false;
  return Math.round(Number(typed) / 10 ** (typed.length - digits.length)) === Number(digits);
}

/**
 * The pairs of ids that may be one patient's, written in two ways. Each id is named with the first of those that it looks like; equal ids are no pair.
 * @returns `[earlier, later]` in the order of `ids`
 */
export function lookAlikes(ids: readonly string[]): [string, string][] {
  const all = [...new Set(ids)];
  const first = new Map<string, string>();
  const pairs = all.flatMap((id): [string, string][] => {
    const key = essence(id);
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, id);
    return earlier === undefined ? [] : [[earlier, id]];
  });
  const shown = all.flatMap((id, place) =>
    exponent.test(id)
      ? all.flatMap((other, at): [string, string][] => {
          if (!mayShow(id, other)) return [];
          if (at > place) return [[id, other]];
          return exponent.test(other) ? [] : [[other, id]];
        })
      : [],
  );
  return [...pairs, ...shown];
}
