const delimiters = [",", ";", "\t"] as const;

/** Much longer than a header is. */
const looked = 10_000;

/** The first record: a quoted name may have separators and line breaks. */
function* outsideQuotes(text: string): Iterable<string> {
  let quoted = false;
  for (const character of text.slice(0, looked)) {
    if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === "\n") return;
    else yield character;
  }
}

/**
 * Takes the line `sep=;` off, which Excel writes and obeys, and says what separates the cells: that line, or else the header, because spreadsheets
 * write commas, semicolons (where the comma is the decimal sign) or tabs.
 */
export function separated(text: string): { delimiter: string; table: string } {
  const said = /^"?sep=([,;\t])"?\r?\n/i.exec(text);
  if (said?.[1]) return { delimiter: said[1], table: text.slice(said[0].length) };
  const found = [...outsideQuotes(text)];
  const count = (delimiter: string) => found.filter((each) => each === delimiter).length;
  return { delimiter: delimiters.reduce((best, each) => (count(each) > count(best) ? each : best)), table: text };
}
