import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { job } from "@/db/schema";
import { toAppError } from "@/server/errors";
import { requestComparison } from "@/server/services/analysis/request-comparison";
import { cancelRun } from "@/server/services/model/cancel-run";
import { importScores } from "@/server/services/model/import-scores";
import { queueTraining } from "@/server/services/model/queue-training";
import { requestTask } from "@/server/services/model/request-task";
import { resumeRun } from "@/server/services/model/resume-run";
import { scoreFile, scoreRows, studyForRuns } from "@/tests/support/model-runs";

const { admin, study, scientist, crops, act, snapshot, makeRun } = await studyForRuns();

/** What three requests that are sent together come to: answers, and refusals as the person gets them. */
async function three<T>(request: (index: number) => Promise<T>) {
  const outcomes = await Promise.allSettled([0, 1, 2].map(request));
  const done = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [toAppError(outcome.reason)] : []));
  return { done, refused: refused.map((error) => error && [error.code, error.message]) };
}

describe("of three requests sent together after the lock", () => {
  test("one has a file, an explanation or a scoring made, and the others get that one", async () => {
    const records = [-1, 0, 1, 2].map((fold) => ({ fold, model: true }));
    const runId = await makeRun({ snapshotId: await snapshot(), records });
    for (const task of [
      { kind: "export", runId, variant: "onnx" },
      { kind: "explain", runId, variant: "grad-cam", cropId: crops[0]?.cropId ?? "" },
      { kind: "score", runId },
    ] as const) {
      const { done } = await three(() => act((tx) => requestTask(tx, scientist, task)));
      expect(new Set(done.map(({ taskId }) => taskId)).size, task.kind).toBe(1);
    }
    expect(await admin`select id from run_task where run_id = ${runId}`).toHaveLength(3);
  });

  test("one imports the scores of a file; with another threshold it is said that they are there", async () => {
    const file = scoreFile(scoreRows(crops));
    const { done } = await three(() => importScores(scientist, file));
    expect(new Set(done.map(({ runId }) => runId)).size).toBe(1);
    const other = scoreFile(scoreRows(crops, 0.2));
    const mixed = await three((i) => importScores(scientist, { ...other, threshold: 0.3 + i / 10 }));
    expect(mixed.done).toHaveLength(1);
    expect(mixed.refused).toEqual([
      ["conflict", expect.stringContaining("threshold")],
      ["conflict", expect.stringContaining("threshold")],
    ]);
    // Past service and triggers, the index says so itself.
    const again = admin.begin(async (run) => {
      await run`set local session_replication_role = replica`;
      await run`insert into model_run (id, study_id, snapshot_id, config)
        select gen_random_uuid(), study_id, snapshot_id, config from model_run where id = ${done[0]?.runId ?? ""}`;
    });
    await expect(again).rejects.toMatchObject({ constraint_name: "model_run_source" });
  });

  test("one has a comparison computed, and the others get that one", async () => {
    const { done } = await three(() => act((tx) => requestComparison(tx, scientist)));
    expect(done).toHaveLength(3);
    expect(new Set(done.map(({ analysisId }) => analysisId)).size).toBe(1);
  });

  test("one cancels a run, and one takes it up again", async () => {
    const { runId } = await queueTraining(scientist, { folds: 2, seed: 3 });
    const cancelled = await three(() => act((tx) => cancelRun(tx, scientist, { runId })));
    expect(cancelled.done).toHaveLength(1);
    expect(cancelled.refused).toEqual([
      ["conflict", expect.any(String)],
      ["conflict", expect.any(String)],
    ]);
    await admin`update job set state = 'failed', ended_at = now(), cancel_requested_at = null where id = ${runId}`;
    const resumed = await three(() => act((tx) => resumeRun(tx, scientist, { runId })));
    expect(resumed.done).toHaveLength(1);
    expect(resumed.refused.map((said) => said?.[0])).toEqual(["conflict", "conflict"]);
    expect(await act((tx) => tx.select({ state: job.state }).from(job).where(eq(job.id, runId)))).toEqual([
      { state: "queued" },
    ]);
    expect(
      await admin`select id from audit_event where study_id = ${study.studyId} and action = 'run.resumed' and entity_id = ${runId}`,
    ).toHaveLength(1);
  });
});
