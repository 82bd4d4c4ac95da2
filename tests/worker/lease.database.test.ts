import { EventEmitter, once } from "node:events";
import { eq, sql } from "drizzle-orm";
import pino from "pino";
import { afterAll, expect, test } from "vitest";
import { sayIn } from "@/core/words";
import { openDoor } from "@/db/actor";
import { job, runLog } from "@/db/schema";
import { type QueuedKind, queueJob } from "@/server/jobs";
import { cancelRun } from "@/server/services/model/cancel-run";
import { resumeRun } from "@/server/services/model/resume-run";
import { fineTuning, studyForRuns } from "@/tests/support/model-runs";
import { type Lease, releaseStalledJobs, silentSeconds, underLease, type Work } from "@/worker/lease";

/*
 * The life of a job with work that does what the test says, on the real database, as the worker's login.
 */

const { database, admin, study, scientist, act, snapshot } = await studyForRuns();
const workerDoor = openDoor({ url: database.worker, secret: database.actorSecret, max: 4 });
// The door of this process is a worker's; people work through `act`.
Object.assign(globalThis, { nodewiseDoor: workerDoor });
afterAll(() => workerDoor.close());

const log = pino({ enabled: false });

async function queued(): Promise<{ jobId: string; studyId: string }> {
  const { studyId } = study;
  const snapshotId = await snapshot();
  return act(async (tx) => {
    const jobId = await queueJob(tx, scientist, { kind: "train" });
    await tx.execute(
      sql`insert into model_run (id, study_id, snapshot_id, config) values (${jobId}, ${studyId}, ${snapshotId}, ${JSON.stringify(fineTuning)})`,
    );
    return { jobId, studyId };
  });
}

const rowOf = async (jobId: string) => {
  const [row] = await act((tx) => tx.select().from(job).where(eq(job.id, jobId)));
  if (!row) throw new Error("the job is not there");
  return row;
};
const linesOf = async (runId: string) =>
  (await act((tx) => tx.select().from(runLog).where(eq(runLog.runId, runId)))).map(({ line }) => line);

const note = ({ jobId: runId, studyId }: Lease, line: string) => ({ runId, studyId, line });

/** Claims the job and does `run`; "interrupted" when the queue would bring the job again. */
const work = async (
  { jobId, studyId }: { jobId: string; studyId: string },
  run: Work["run"],
  {
    kind = "train",
    queueId,
    signal = new AbortController().signal,
    onEnd = (tx, lease, { state, reason }) =>
      tx.insert(runLog).values(note(lease, `${state}: ${reason && sayIn("en")(reason)}`)),
  }: { kind?: QueuedKind; queueId?: string; signal?: AbortSignal; onEnd?: NonNullable<Work["onEnd"]> } = {},
): Promise<string> =>
  underLease(
    { jobId, studyId },
    { kind, queueId: queueId ?? (await rowOf(jobId)).queueId, signal, log },
    { run, onEnd },
  ).then(
    () => "ended",
    (error: Error) => `interrupted: ${error.message}`,
  );

/** Work that waits until the test lets it go on. */
function held() {
  const going = new EventEmitter();
  const started = once(going, "start").then(([lease]): Lease => lease);
  const run: Work["run"] = async (lease) => {
    const go = once(going, "go");
    going.emit("start", lease);
    await go;
    await lease.write({ done: 1 }, (tx) => tx.insert(runLog).values(note(lease, "one more thing")));
    return { write: (tx) => tx.insert(runLog).values(note(lease, "done")) };
  };
  return { run, started, letGo: () => going.emit("go") };
}

test("work that ends well leaves what it wrote, its progress and the name of its worker", async () => {
  const one = await queued();
  const said = await work(one, async (lease) => {
    await lease.write({ phase: "fold 1", done: 1, total: 2 }, (tx) => tx.insert(runLog).values(note(lease, "half")));
    expect(await rowOf(one.jobId)).toMatchObject({ state: "running", phase: "fold 1", done: 1, total: 2 });
    return { progress: { done: 2 }, write: (tx) => tx.insert(runLog).values(note(lease, "whole")) };
  });
  expect(said).toBe("ended");
  expect(await rowOf(one.jobId)).toMatchObject({
    state: "done",
    phase: null,
    done: 2,
    attempts: 1,
    error: null,
    worker: expect.stringMatching(new RegExp(`:${process.pid}$`)),
    endedAt: expect.any(Date),
  });
  expect(await linesOf(one.jobId)).toEqual(["half", "whole"]);
  expect(await work(one, () => Promise.reject(new Error("a job that is done is not done again")))).toBe("ended");
  expect(await rowOf(one.jobId)).toMatchObject({ state: "done", attempts: 1 });
});

test("work that waits for other work goes back to the queue as it was, and is done once that is there", async () => {
  const one = await queued();
  const { queueId } = await rowOf(one.jobId);
  let isReady = false;
  const come = () =>
    underLease(
      { ...one },
      { kind: "train", queueId, signal: new AbortController().signal, log },
      {
        isWaiting: async () => !isReady,
        run: async () => ({ write: async () => {} }),
      },
    );
  await expect(come()).rejects.toThrow(/waits for another/);
  expect(await rowOf(one.jobId)).toMatchObject({ state: "queued", attempts: 0, startedAt: null, queueId });
  isReady = true;
  await come();
  expect(await rowOf(one.jobId)).toMatchObject({ state: "done", attempts: 1 });
});

test("a last write that fails leaves nothing of itself, and the job fails with the reason", async () => {
  const one = await queued();
  await work(one, async (lease) => ({
    async write(tx) {
      await tx.insert(runLog).values(note(lease, "half of the end"));
      throw new Error("The disk is full.");
    },
  }));
  expect(await rowOf(one.jobId)).toMatchObject({ state: "failed", error: "The disk is full." });
  expect(await linesOf(one.jobId)).toEqual(["failed: The disk is full."]);
});

test("whoever lost a job to another worker writes nothing more, and its end is not the other's", async () => {
  const one = await queued();
  const slow = held();
  const first = work(one, slow.run);
  await slow.started;
  const other = held();
  const second = work(one, other.run);
  expect((await other.started).attempts).toBe(2);
  slow.letGo();
  expect(await first).toMatch(/^interrupted: .*taken up by another worker/);
  expect(await linesOf(one.jobId)).toEqual([]);
  expect((await rowOf(one.jobId)).state).toBe("running");
  other.letGo();
  expect(await second).toBe("ended");
  expect(await linesOf(one.jobId)).toEqual(["one more thing", "done"]);
});

test("a job is taken from a silent worker under a new id of the queue, behind those that wait; the old id counts no more", async () => {
  const one = await queued();
  const before = await rowOf(one.jobId);
  const silent = held();
  const first = work(one, silent.run);
  await silent.started;
  const waiting = await queued();
  await releaseStalledJobs(log);
  expect((await rowOf(one.jobId)).queueId, "a worker that gives signs of life keeps it").toBe(before.queueId);

  await admin`update job set heartbeat_at = now() - ${silentSeconds + 1} * interval '1 second' where id = ${one.jobId}`;
  await releaseStalledJobs(log);
  const released = await rowOf(one.jobId);
  expect(released).toMatchObject({ state: "queued", heartbeatAt: null });
  expect(released.queueId).not.toBe(before.queueId);
  const order = await admin`
    select data ->> 'jobId' as id from pgboss.job where id in (${released.queueId}, ${(await rowOf(waiting.jobId)).queueId}) order by created_on`;
  expect(order.map(({ id }) => id)).toEqual([waiting.jobId, one.jobId]);

  silent.letGo();
  expect(await first).toMatch(/^interrupted/);
  expect(await work(one, silent.run, { queueId: before.queueId }), "the old id came back late").toBe("ended");
  expect(await rowOf(one.jobId)).toMatchObject({ state: "queued", attempts: 1 });
  expect(await work(one, async () => ({ write: async () => {} }))).toBe("ended");
  expect(await rowOf(one.jobId)).toMatchObject({ state: "done", attempts: 2 });
});

test("work that is asked to stop stops, is cancelled without an error, and goes on when a person takes it up again", async () => {
  const one = await queued();
  const cancelled = work(one, async (lease) => {
    await act((tx) => cancelRun(tx, scientist, { runId: one.jobId }));
    await once(lease.signal, "abort");
    throw lease.signal.reason;
  });
  expect(await cancelled).toBe("ended");
  expect(await rowOf(one.jobId)).toMatchObject({ state: "cancelled", error: null });
  expect(await linesOf(one.jobId)).toEqual(["cancelled: null"]);
  await act((tx) => resumeRun(tx, scientist, { runId: one.jobId }));
  expect(await rowOf(one.jobId)).toMatchObject({ state: "queued", cancelRequestedAt: null, endedAt: null });
  expect(await work(one, async () => ({ write: async () => {} }))).toBe("ended");
  expect((await rowOf(one.jobId)).state).toBe("done");
});

test("a worker that stops puts its work down without a fault of the work", async () => {
  const one = await queued();
  const stopping = new AbortController();
  const stopped = work(
    one,
    async ({ signal }) => {
      stopping.abort();
      signal.throwIfAborted();
      throw new Error("the work was not told");
    },
    { signal: stopping.signal },
  );
  expect(await stopped).toBe("interrupted: the worker is stopping");
  expect(await rowOf(one.jobId)).toMatchObject({ state: "running", error: null });
});

test("a person takes up again what failed, as the kind it is and in the own study", async () => {
  const { jobId: runId } = await queued();
  await expect(act((tx) => resumeRun(tx, scientist, { runId }))).rejects.toMatchObject({ code: "conflict" });
  await admin`update job set state = 'failed' where id = ${runId}`;
  const [answer] = await act((tx) =>
    tx.execute<{ resumed: boolean }>(sql`select nw.resume_job('task', ${runId}, gen_random_uuid()) as resumed`),
  );
  expect(answer?.resumed).toBe(false);
  await act((tx) => resumeRun(tx, scientist, { runId }));
  expect((await rowOf(runId)).state).toBe("queued");
});

test("a person says what work and in which study, and nothing of its life", async () => {
  const { studyId } = study;
  const outcome = (columns: string, values: string) =>
    act((tx) =>
      tx.execute(sql.raw(`insert into job (study_id, kind${columns}) values ('${studyId}', ${values})`)),
    ).then(
      () => "done",
      (error: { code?: string; constraint?: string }) => error.constraint ?? error.code,
    );
  expect(await outcome("", "'analyse'")).toBe("done");
  expect(await outcome("", "'no such kind'")).toBe("job_of_unknown_kind");
  expect(await outcome(", state, done, total, started_at, ended_at", "'import', 'done', 3, 3, now(), now()")).toBe(
    "done",
  );
  for (const [column, value] of [
    ["state", "'done'"],
    ["done", "3"],
    ["total", "3"],
    ["started_at", "now()"],
    ["ended_at", "now()"],
  ])
    expect(await outcome(`, ${column}`, `'analyse', ${value}`), column).toBe("job_begins_in_the_queue");
  for (const [column, value] of [
    ["attempts", "1"],
    ["phase", "'fold 1'"],
    ["error", "'made up'"],
    ["worker", "'nobody'"],
    ["figures", "'{}'"],
    ["heartbeat_at", "now()"],
    ["cancel_requested_at", "now()"],
  ])
    expect(await outcome(`, ${column}`, `'analyse', ${value}`), column).toBe("42501");
});

test("work that begins anew has a start of its own and no error of before", async () => {
  const one = await queued();
  await work(one, () => Promise.reject(new Error("The disk is full.")));
  const failed = await rowOf(one.jobId);
  expect(failed.error).toBe("The disk is full.");
  await act((tx) => resumeRun(tx, scientist, { runId: one.jobId }));
  await work(one, async () => ({ write: async () => {} }));
  const done = await rowOf(one.jobId);
  expect(done).toMatchObject({ state: "done", error: null, attempts: 2 });
  expect(done.startedAt?.getTime()).toBeGreaterThan(failed.startedAt?.getTime() ?? Number.POSITIVE_INFINITY);
});

test("an end that cannot be noted stands without the note", async () => {
  const one = await queued();
  const said = await work(one, () => Promise.reject(new Error("The disk is full.")), {
    async onEnd(tx, lease) {
      await tx.insert(runLog).values(note(lease, "half of the note"));
      throw new Error("The note is wrong.");
    },
  });
  expect(said).toBe("ended");
  expect(await rowOf(one.jobId)).toMatchObject({ state: "failed", error: "The disk is full." });
  expect(await linesOf(one.jobId)).toEqual([]);
});

test("a job that lies in the queue of another kind is not taken from it", async () => {
  const one = await queued();
  const run: Work["run"] = async () => ({ write: async () => {} });
  expect(await work(one, run, { kind: "task" })).toBe("ended");
  expect(await rowOf(one.jobId)).toMatchObject({ state: "queued", attempts: 0 });
  expect(await work(one, run)).toBe("ended");
  expect(await rowOf(one.jobId)).toMatchObject({ state: "done", attempts: 1 });
});
