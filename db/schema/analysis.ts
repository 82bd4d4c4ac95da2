import { json, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { now, ofSameStudy, oneOfStudy, studyId } from "./columns";
import { ofJob } from "./job";
import { kept } from "./kept";
import { modelRun } from "./model";
import { protocolVersion } from "./protocol";
import { afterLock, may, ofStudy } from "./roles";

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
    protocolVersionId: uuid().notNull(),
    /** Version of the methods (`core/stats/methods-version.ts`): others give other numbers. `unrecorded …`: a result of a time that kept none. */
    methods: text().notNull(),
  },
  (t) => [
    unique("analysis_once").on(t.studyId, t.runId, t.protocolVersionId, t.methods).nullsNotDistinct(),
    oneOfStudy("analysis", t),
    ofJob("analysis", t),
    ofSameStudy("analysis_of_run", t, t.runId, modelRun),
    ofSameStudy("analysis_of_protocol_version", t, t.protocolVersionId, protocolVersion),
    ...results(),
    may("insert", ["data_scientist", "principal_investigator", "importer"], afterLock),
  ],
);
kept(analysis, { appendOnly: true });

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
    createdAt: now(),
  },
  (t) => [
    ofSameStudy("analysis_result_of_analysis", t, t.analysisId, analysis),
    ...results(),
    may("insert", ["worker"], ofStudy),
  ],
);
kept(analysisResult, { appendOnly: true });
