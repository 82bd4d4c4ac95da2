import type { listMeasurements } from "@/server/services/series/list-measurements";
import { sizeColumns } from "@/server/services/series/size-columns";
import type { Column } from "@/server/tables/column";
import type { ExportedSubject } from "./subjects-to-export";

/** A size, with its subject and the file in which it was measured. */
export type MeasurementRow = Omit<Awaited<ReturnType<typeof listMeasurements>>[number], "subject" | "subjectId"> & {
  subject: ExportedSubject;
  image: string | null;
};

export const participantColumns: readonly Column<ExportedSubject>[] = [
  { name: "participant_id", meaning: { key: "imageExport.column.participant" }, of: ({ label }) => label },
  { name: "study_number", meaning: { key: "imageExport.column.number" }, of: ({ number }) => number },
];

export const measurementColumns: readonly Column<MeasurementRow>[] = [
  { name: "participant_id", meaning: { key: "imageExport.column.participant" }, of: ({ subject }) => subject.label },
  { name: "node", meaning: { key: "imageExport.column.node" }, of: ({ node }) => node },
  { name: "region", meaning: { key: "imageExport.column.region" }, of: ({ region }) => region },
  ...sizeColumns,
  { name: "image", meaning: { key: "imageExport.column.image" }, of: ({ image }) => image },
  { name: "frame", meaning: { key: "imageExport.column.frame" }, of: ({ frame }) => frame },
];
