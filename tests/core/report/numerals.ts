/** The numbers in a text, without their signs: dashes and thousands are written in many ways. */
export const numeralsOf = (text: string): string[] =>
  [...text.replaceAll(/(\d),(?=\d{3}\b)/g, "$1").matchAll(/\d*\.?\d+/g)].map(([numeral]) => numeral);

/** In which ways every number of a value may be written: as it is, with 1 to 3 digits, in per cent, as a P value. */
export function writtenNumbers(value: unknown): Set<string> {
  const written = new Set<string>();
  const add = (number: number) => {
    const size = Math.abs(number);
    for (const text of [
      String(size),
      ...[1, 2, 3].map((digits) => size.toFixed(digits)),
      (100 * size).toFixed(1),
      size.toFixed(3).replace(/^0/, ""),
      ...(size < 0.001 ? [".001"] : []),
    ])
      written.add(text);
  };
  const walk = (at: unknown): void => {
    if (typeof at === "number") add(at);
    else if (typeof at === "string") for (const numeral of numeralsOf(at)) written.add(numeral);
    else if (typeof at === "object" && at !== null) for (const inner of Object.values(at)) walk(inner);
  };
  walk(value);
  return written;
}
