/** What a report is made of, in the order of reading; Word and PDF draw the same parts. */
export type Part =
  | { kind: "heading"; level: 1 | 2; text: string }
  | { kind: "paragraph"; text: string; tone?: "warning" | "small" }
  | { kind: "list"; items: readonly string[] }
  | ({ kind: "table" } & ReportTable)
  | ({ kind: "figure" } & ReportFigure)
  /** A new page; tables with many columns lie on their side. */
  | { kind: "page"; wide: boolean };

export interface ReportTable {
  title: string;
  /** One word a column; the first is the row's name. */
  head: readonly string[];
  rows: readonly ReportRow[];
  /** Shares of the width, one a column. */
  widths: readonly number[];
  /** The first so many columns are words and stand on the left; the others are numbers and stand on the right. */
  texts: number;
  /** Under the table, with their marks. */
  notes: readonly string[];
}

export interface ReportRow {
  cells: readonly string[];
  /** A line of its own above those that belong to it. */
  heads?: true;
  /** Belongs to the line above. */
  inset?: true;
}

export interface ReportFigure {
  title: string;
  /** Self-contained: sizes in px, colours in sRGB, one font. */
  svg: string;
  /** Of the drawing, px; printed at 72 a inch. */
  width: number;
  height: number;
  /** What it shows, for whoever does not see it. */
  alt: string;
  notes: readonly string[];
}

/** A report with what stands on each page. */
export interface ReportDocument {
  title: string;
  subtitle: string;
  /** On the upper edge of each page. */
  header: string;
  /** Before "page n". */
  footer: string;
  /** "Synthetic", on each page and figure; null for a study of patients. */
  watermark: string | null;
  language: "en" | "zh";
  /** ISO; the only clock of its files. */
  at: string;
  parts: readonly Part[];
}

/** A text that stands raised, as a mark of a footnote, within another one: between two characters that no text of a person holds. */
export const raised = (text: string): string => `\uE000${text}\uE001`;

/** The pieces of a text, raised or not, in its order. */
export const runsOf = (text: string): { text: string; isRaised: boolean }[] =>
  text
    .split(/\uE000(.*?)\uE001/)
    .map((piece, at) => ({ text: piece, isRaised: at % 2 === 1 }))
    .filter((run) => run.text !== "");
