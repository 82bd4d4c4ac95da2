import type { Said } from "@/core/words";
import type { listMeasurements } from "@/server/services/series/list-measurements";
import type { ExportedSubject } from "./subjects-to-export";

/** A column of a table of the folder, with what stands of it in the JSON file beside. */
export interface Column<Row> {
  name: string;
  meaning: Said;
  units?: string;
  of: (row: Row) => string | number | null;
}

/** A size, with its subject and the file in which it was measured. */
export type MeasurementRow = Omit<Awaited<ReturnType<typeof listMeasurements>>[number], "subjectId"> & {
  subject: ExportedSubject;
  image: string | null;
};

export const participantColumns: readonly Column<ExportedSubject>[] = [
  { name: "participant_id", meaning: { key: "imageExport.column.participant" }, of: ({ label }) => label },
  { name: "study_number", meaning: { key: "imageExport.column.number" }, of: ({ number }) => number },
];

const mm = { units: "mm" };
/** Of the axes, in the order in which they are recorded. */
const ends = ["long_start", "long_end", "short_start", "short_end"] as const;

export const measurementColumns: readonly Column<MeasurementRow>[] = [
  { name: "participant_id", meaning: { key: "imageExport.column.participant" }, of: ({ subject }) => subject.label },
  { name: "node", meaning: { key: "imageExport.column.node" }, of: ({ node }) => node },
  { name: "region", meaning: { key: "imageExport.column.region" }, of: ({ region }) => region },
  { name: "measurer", meaning: { key: "imageExport.column.measurer" }, of: ({ measurer }) => measurer },
  { name: "repeat", meaning: { key: "imageExport.column.repeat" }, of: ({ repeat }) => repeat },
  { name: "counts", meaning: { key: "imageExport.column.counts" }, of: ({ counts }) => Number(counts) },
  { name: "short_axis_mm", meaning: { key: "imageExport.column.short" }, ...mm, of: (row) => row.shortAxisMm },
  { name: "long_axis_mm", meaning: { key: "imageExport.column.long" }, ...mm, of: (row) => row.longAxisMm },
  ...ends.flatMap((end, at) =>
    ["x", "y", "z"].map(
      (axis, part): Column<MeasurementRow> => ({
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
  { name: "image", meaning: { key: "imageExport.column.image" }, of: ({ image }) => image },
  { name: "frame", meaning: { key: "imageExport.column.frame" }, of: ({ frame }) => frame },
];
