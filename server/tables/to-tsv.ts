import { harmless } from "@/core/text/spreadsheet";

/** Rows between tabs, as BIDS has its tables: `n/a` for nothing, nothing quoted. Numbers keep every digit, and no text is one that a spreadsheet would compute. */
export function toTsv(rows: readonly (readonly (string | number | null)[])[]): string {
  const cell = (value: string | number | null) =>
    value === null ? "n/a" : typeof value === "number" ? String(value) : harmless(value.replace(/[\t\r\n]+/g, " "));
  return rows.map((row) => `${row.map(cell).join("\t")}\n`).join("");
}
