import type { Column } from "@/server/tables/column";
import type { listMeasurements } from "./list-measurements";

type Size = Omit<Awaited<ReturnType<typeof listMeasurements>>[number], "subject" | "subjectId" | "measuredBy">;

const mm = { units: "mm" };
/** Of the axes, in the order in which they are recorded. */
const ends = ["long_start", "long_end", "short_start", "short_end"] as const;

/** What every table of sizes has of each, beside whose it is and where its image is found. */
export const sizeColumns: readonly Column<Size>[] = [
  { name: "measurer", meaning: { key: "imageExport.column.measurer" }, of: ({ measurer }) => measurer },
  { name: "repeat", meaning: { key: "imageExport.column.repeat" }, of: ({ repeat }) => repeat },
  { name: "counts", meaning: { key: "imageExport.column.counts" }, of: ({ counts }) => Number(counts) },
  { name: "short_axis_mm", meaning: { key: "imageExport.column.short" }, ...mm, of: (row) => row.shortAxisMm },
  { name: "long_axis_mm", meaning: { key: "imageExport.column.long" }, ...mm, of: (row) => row.longAxisMm },
  ...ends.flatMap((end, at) =>
    ["x", "y", "z"].map(
      (axis, part): Column<Size> => ({
        name: `${end}_${axis}_mm`,
        meaning: { key: "imageExport.column.end" },
        ...mm,
        of: (row) => row.ends?.[3 * at + part] ?? null,
      }),
    ),
  ),
  { name: "row_spacing_mm", meaning: { key: "imageExport.column.rows" }, ...mm, of: (row) => row.rowSpacing },
  { name: "column_spacing_mm", meaning: { key: "imageExport.column.columns" }, ...mm, of: (row) => row.columnSpacing },
  { name: "spacing_source", meaning: { key: "imageExport.column.source" }, of: (row) => row.spacingSource },
];
