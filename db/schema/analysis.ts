import { foreignKey, json, pgTable, text, timestamp, unique, uuid } from "drizzle-orm/pg-core";
import { ofJob } from "./job";
import { modelRun } from "./model";
import { study } from "./people";
import { protocolVersion } from "./protocol";
import { afterLock, may, ofStudy } from "./roles";

const studyId = () =>
  uuid()
    .notNull()
    .references(() => study.id);
const results = () => [
  may("select", ["data_scientist", "principal_investigator"], afterLock),
  may("select", ["importer", "worker"], ofStudy),
];

/** A comparison of readers and network that somebody asked for: each is computed once, by the job of the same id. */
export const analysis = pgTable(
  "analysis",
  {
    id: uuid().primaryKey(),
    studyId: studyId(),
    /** The run that speaks for the network; null: readers alone. */
    runId: uuid(),
    protocolVersionId: uuid()
      .notNull()
      .references(() => protocolVersion.id),
    /** Version of the methods (`core/stats/methods-version.ts`): others give other numbers. */
    methods: text().notNull(),
  },
  (t) => [
    unique("analysis_once").on(t.studyId, t.runId, t.protocolVersionId, t.methods).nullsNotDistinct(),
    unique("analysis_and_study").on(t.id, t.studyId),
    ofJob("analysis", t),
    foreignKey({
      name: "analysis_of_run",
      columns: [t.runId, t.studyId],
      foreignColumns: [modelRun.id, modelRun.studyId],
    }),
    ...results(),
    may("insert", ["data_scientist", "principal_investigator", "importer"], afterLock),
  ],
);

/** Every number of one comparison, as it is shown. Written by the worker alone. */
export const analysisResult = pgTable(
  "analysis_result",
  {
    analysisId: uuid().primaryKey(),
    studyId: studyId(),
    /** SHA-256 of the canonical JSON of everything that went in. */
    inputSha256: text().notNull(),
    /** `server/schemas/analysis.ts`; json, not jsonb: the order of the columns is kept. */
    result: json().notNull(),
    createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [
    foreignKey({
      name: "analysis_result_of_analysis",
      columns: [t.analysisId, t.studyId],
      foreignColumns: [analysis.id, analysis.studyId],
    }),
    ...results(),
    may("insert", ["worker"], ofStudy),
  ],
);
