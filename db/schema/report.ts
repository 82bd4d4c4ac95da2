import { json, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { analysis } from "./analysis";
import { now, ofSameStudy, oneOfStudy, studyId } from "./columns";
import { ofFile } from "./imaging";
import { ofJob } from "./job";
import { kept } from "./kept";
import { afterLock, may, ofStudy } from "./roles";

const results = () => [
  may("select", ["data_scientist", "principal_investigator"], afterLock),
  may("select", ["importer", "worker"], ofStudy),
];

/**
 * The paper that somebody asked for, in one language: made by the job of the same id out of a comparison and of what the records said when it was asked for.
 * Nothing else goes in, so its files are the same bytes whenever they are made.
 */
export const report = pgTable(
  "report",
  {
    id: uuid().primaryKey(),
    studyId: studyId(),
    /** The comparison with readers whose numbers it tells. */
    analysisId: uuid().notNull(),
    language: text({ enum: ["en", "zh"] }).notNull(),
    /** `reportRecords` (`core/report/records.ts`): flow, baseline and plan, as counts and summaries; json, not jsonb: the order is kept. */
    records: json().notNull(),
  },
  (t) => [
    oneOfStudy("report", t),
    ofJob("report", t),
    ofSameStudy("report_of_analysis", t, t.analysisId, analysis),
    ...results(),
    may("insert", ["data_scientist", "principal_investigator", "importer"], afterLock),
  ],
);
kept(report, { appendOnly: true, largest: 2_000_000 });

/** The files of a report, in the store. Written by the worker alone. */
export const reportFiles = pgTable(
  "report_files",
  {
    reportId: uuid().primaryKey(),
    studyId: studyId(),
    wordSha256: text().notNull(),
    pdfSha256: text().notNull(),
    createdAt: now(),
  },
  (t) => [
    ofSameStudy("report_files_of_report", t, t.reportId, report),
    ofFile("report_files_of_word_file", t, t.wordSha256),
    ofFile("report_files_of_pdf_file", t, t.pdfSha256),
    ...results(),
    may("insert", ["worker"], ofStudy),
  ],
);
kept(reportFiles, { appendOnly: true });
