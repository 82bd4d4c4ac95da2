/** Spreadsheets write commas, semicolons or tabs: the header says which. */
export function delimiterOf(text: string): string {
  const header = text.slice(0, (text.indexOf("\n") + 1 || text.length + 1) - 1);
  return [",", ";", "\t"].reduce((best, each) => (header.split(each).length > header.split(best).length ? each : best));
}
