import { type Said, sayIn } from "@/core/words";

/** A node that was measured again between two reads, so that the same cases were judged by different sizes. */
export interface SizesShown {
  subject: string;
  node: string;
  condition: { key: string; label: string };
  /** How many cases of the node. */
  cases: number;
  /** By reader: each size that was shown, in mm; null: not to be known before the lock. */
  shown: { reader: string; shortAxisMm: number | null }[];
}

/** "subject P-001 node N1, Cohort 2, 3 cases: R2 6 mm, R3 14 mm", as page, file and command line say it. */
export function sizesInWords({ subject, node, condition, cases, shown }: SizesShown): Said {
  const list = shown
    .map(
      ({ reader, shortAxisMm }): Said =>
        shortAxisMm === null
          ? { key: "errors.as_written", values: { text: reader } }
          : { key: "stats.size_shown", values: { reader, mm: shortAxisMm } },
    )
    .reduceRight((rest, first) => ({ key: "errors.listed", values: { first, rest } }));
  return { key: "stats.sizes_shown", values: { subject, node, condition: condition.label, cases, shown: list } };
}

/** Those that a reader's row in a condition must not be read without. */
export const sizesOf = (
  all: readonly SizesShown[],
  { reader, condition }: { reader: string; condition: string | null },
): SizesShown[] =>
  all.filter((each) => each.condition.key === condition && each.shown.some((shown) => shown.reader === reader));

/** Rows of a file with a column of what each must not be read without, in English; without the column where there is nothing to say. */
export const withSizes = <T extends { reader: string; condition: string | null }>(
  rows: readonly T[],
  all: readonly SizesShown[],
): readonly T[] =>
  all.length === 0
    ? rows
    : rows.map((row) => ({
        ...row,
        sizesDiffer: sizesOf(all, row)
          .map((each) => sayIn("en")(sizesInWords(each)))
          .join("; "),
      }));
