import { type ExtraConfigColumn, index, integer, jsonb, pgEnum, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { at, by, now, ofSameStudy, oneOfStudy, studyId } from "./columns";
import { kept } from "./kept";
import { afterLock, may, ofStudy } from "./roles";

export const jobState = pgEnum("job_state", ["queued", "running", "done", "failed", "cancelled"]);

/** What a worker takes; an import was done when it came, and stands in no queue. */
const jobKinds = ["train", "task", "analyse", "report", "bundle", "import"] as const;

/**
 * The life of one piece of work: asked for by a person, claimed, kept alive, ended or lost by a worker (`worker/lease.ts`). What the work is
 * and what comes of it stands in a table of its own, whose id is the job's (`model_run`, `run_task`, `analysis`, `bundle`).
 */
export const job = pgTable(
  "job",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
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
    heartbeatAt: at(),
    cancelRequestedAt: at(),
    startedAt: at(),
    endedAt: at(),
    createdBy: by(),
    createdAt: now(),
  },
  (t) => [
    index("job_study").on(t.studyId),
    oneOfStudy("job", t),
    may("select", ["data_scientist", "principal_investigator"], afterLock),
    may("select", ["importer", "worker"], ofStudy),
    // What an import says of itself, the trigger refuses of other work.
    may("insert", ["data_scientist", "principal_investigator", "importer"], afterLock, [
      t.id,
      t.studyId,
      t.kind,
      t.queueId,
      t.state,
      t.done,
      t.total,
      t.startedAt,
      t.endedAt,
    ]),
    may("update", ["data_scientist", "principal_investigator"], afterLock, [t.cancelRequestedAt]),
    may("update", ["importer"], ofStudy, [t.cancelRequestedAt]),
    may("update", ["worker"], ofStudy, [
      t.state,
      t.attempts,
      t.phase,
      t.done,
      t.total,
      t.figures,
      t.error,
      t.worker,
      t.heartbeatAt,
      t.startedAt,
      t.endedAt,
    ]),
  ],
);
// What a worker says every few seconds (that it lives, how far and how fast it is) is no record. The trail keeps what was asked, and what it came to;
// the last figures come with the end.
kept(job, { audited: { exceptFor: ["heartbeat_at", "phase", "done", "total", "figures"] } });

/** The job that a row is about: of the row's own study, and of the same id. */
export const ofJob = (table: string, t: { id: ExtraConfigColumn; studyId: ExtraConfigColumn }) =>
  ofSameStudy(`${table}_of_job`, t, t.id, job);
