import { sql } from "drizzle-orm";
import { check, json, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { now, ofSameStudy, oneOfStudy, studyId } from "./columns";
import { ofFile } from "./imaging";
import { ofJob } from "./job";
import { kept } from "./kept";
import { modelRun } from "./model";
import { protocolVersion } from "./protocol";
import { afterLock, may, ofStudy } from "./roles";

const results = () => [
  may("select", ["data_scientist", "principal_investigator"], afterLock),
  may("select", ["importer", "worker"], ofStudy),
];

/**
 * A question of numbers that somebody asked, computed once by the job of the same id: either the comparison of readers and network by a version of the
 * protocol, or what runs are worth, each alone and beside the others.
 */
export const analysis = pgTable(
  "analysis",
  {
    id: uuid().primaryKey(),
    studyId: studyId(),
    /** Of the comparison with readers: the run that speaks for the network; null: readers alone. */
    runId: uuid(),
    /** Of the comparison with readers; null where runs alone are asked about. */
    protocolVersionId: uuid(),
    /** The runs that are asked about, in the order asked: first less second. That each is of the study, the trigger sees to (`db/functions/analysis.sql`). */
    runIds: uuid().array().notNull().default([]),
    /** Version of the methods (`core/stats/methods-version.ts`): others give other numbers. `unrecorded …`: a result of a time that kept none. */
    methods: text().notNull(),
  },
  (t) => [
    unique("analysis_once").on(t.studyId, t.runId, t.protocolVersionId, t.runIds, t.methods).nullsNotDistinct(),
    check(
      "analysis_of_readers_or_runs",
      sql`case when protocol_version_id is null then run_id is null and cardinality(run_ids) > 0 else cardinality(run_ids) = 0 end`,
    ),
    oneOfStudy("analysis", t),
    ofJob("analysis", t),
    ofSameStudy("analysis_of_run", t, t.runId, modelRun),
    ofSameStudy("analysis_of_protocol_version", t, t.protocolVersionId, protocolVersion),
    ...results(),
    may("insert", ["data_scientist", "principal_investigator", "importer"], afterLock),
  ],
);
kept(analysis, { appendOnly: true });

/** Every number of one analysis, as it is shown. Written by the worker alone. */
export const analysisResult = pgTable(
  "analysis_result",
  {
    analysisId: uuid().primaryKey(),
    studyId: studyId(),
    /** SHA-256 of the canonical JSON of everything that went in. */
    inputSha256: text().notNull(),
    /** `comparison` (`server/schemas/analysis.ts`) or `judgedRuns` (`server/schemas/model.ts`); json, not jsonb: the order of the columns is kept. */
    result: json().notNull(),
    createdAt: now(),
  },
  (t) => [
    ofSameStudy("analysis_result_of_analysis", t, t.analysisId, analysis),
    ...results(),
    may("insert", ["worker"], ofStudy),
  ],
);
kept(analysisResult, { appendOnly: true, largest: 16_000_000 });

/** The data of a comparison that was computed, with what recomputes it, as one file: made once by the job of the same id. */
export const bundle = pgTable(
  "bundle",
  {
    id: uuid().primaryKey(),
    studyId: studyId(),
    analysisId: uuid().notNull(),
    /** The archive in the store; null until its worker has made it. */
    sha256: text(),
  },
  (t) => [
    unique("bundle_once").on(t.analysisId),
    ofJob("bundle", t),
    ofSameStudy("bundle_of_analysis", t, t.analysisId, analysis),
    ofFile("bundle_of_file", t, t.sha256),
    ...results(),
    may("insert", ["data_scientist", "principal_investigator", "importer"], afterLock, [t.id, t.studyId, t.analysisId]),
    may("update", ["worker"], ofStudy, [t.sha256]),
  ],
);
kept(bundle, { audited: true });
