"use client";

import { type Highlight, type LegendItem, LegendMark } from "@/app/_components/legend";
import type { ComparisonOutput } from "@/server/schemas/analysis";
import { looksOf } from "./parties";

const keyOf = (reader: string) => `reader ${reader}`;

/** The legend of marks of readers and conditions: an item a reader, and one a condition where there are several. */
export function readerLegend(
  comparison: ComparisonOutput,
  says: (reader: string) => string | undefined = () => undefined,
): LegendItem[] {
  const look = looksOf(comparison);
  const ofReaders = comparison.rows.filter(({ condition }) => condition !== null);
  const readers = [...new Set(ofReaders.map(({ reader }) => reader))];
  const conditions = comparison.about.conditions.filter(({ key }) =>
    ofReaders.some(({ condition }) => condition === key),
  );
  return [
    ...readers.map((reader) => ({
      key: keyOf(reader),
      name: reader,
      mark: <LegendMark {...look({ reader, condition: "" }).series} />,
      says: says(reader),
    })),
    ...(conditions.length > 1
      ? conditions.map(({ key, label }) => ({
          key: `condition ${key}`,
          name: label,
          mark: (
            <LegendMark
              colour="var(--text-soft)"
              shape="circle"
              fill={look({ reader: readers[0] ?? "", condition: key }).fill}
            />
          ),
        }))
      : []),
  ];
}

/** Whether a party is looked at: alone, or as all are. */
export const isLit = ({ shown }: Highlight, { reader, condition }: { reader: string; condition: string | null }) =>
  [null, keyOf(reader), `condition ${condition}`].includes(shown);
