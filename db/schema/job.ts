import { sql } from "drizzle-orm";
import {
  type ExtraConfigColumn,
  foreignKey,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  text,
  timestamp,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { person, study } from "./people";
import { afterLock, may, ofStudy } from "./roles";

export const jobState = pgEnum("job_state", ["queued", "running", "done", "failed", "cancelled"]);

/** What a worker takes; an import was done when it came, and stands in no queue. */
export const jobKinds = ["train", "task", "analyse", "import"] as const;
export type JobKind = (typeof jobKinds)[number];

/**
 * The life of one piece of work: asked for by a person, claimed, kept alive, ended or lost by a worker (`worker/lease.ts`). What the work is
 * and what comes of it stands in a table of its own, whose id is the job's (`model_run`, `run_task`, `analysis`).
 */
export const job = pgTable(
  "job",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: uuid()
      .notNull()
      .references(() => study.id),
    kind: text({ enum: jobKinds }).notNull(),
    /** Of the queue. Work that is taken up again by a person, or taken from a silent worker, gets a new one, and the old one counts no more. */
    queueId: uuid().notNull().defaultRandom(),
    state: jobState().notNull().default("queued"),
    /** Times it was claimed: above 1 after a crash. */
    attempts: integer().notNull().default(0),
    phase: text(),
    done: integer().notNull().default(0),
    total: integer().notNull().default(0),
    /** Of a training: seconds, images per second, peak memory in MB. */
    figures: jsonb(),
    error: text(),
    /** Host and process of the worker that claimed it last. */
    worker: text(),
    /** The worker's sign of life, every few seconds. */
    heartbeatAt: timestamp({ withTimezone: true }),
    cancelRequestedAt: timestamp({ withTimezone: true }),
    startedAt: timestamp({ withTimezone: true }),
    endedAt: timestamp({ withTimezone: true }),
    createdBy: uuid()
      .notNull()
      .references(() => person.id)
      .default(sql`nw.person_id()`),
    createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [
    index("job_study").on(t.studyId),
    unique("job_and_study").on(t.id, t.studyId),
    may("select", ["data_scientist", "principal_investigator"], afterLock),
    may("select", ["importer", "worker"], ofStudy),
    may("insert", ["data_scientist", "principal_investigator", "importer"], afterLock),
    may("update", ["data_scientist", "principal_investigator"], afterLock),
    may("update", ["worker", "importer"], ofStudy),
  ],
);

/** The job that a row is about: of the row's own study, and of the same id. */
export const ofJob = (table: string, t: { id: ExtraConfigColumn; studyId: ExtraConfigColumn }) =>
  foreignKey({ name: `${table}_of_job`, columns: [t.id, t.studyId], foreignColumns: [job.id, job.studyId] });
