import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { runTask } from "@/db/schema";
import { findTasks, takeTaskFile } from "@/server/services/model/find-tasks";
import { importScores } from "@/server/services/model/import-scores";
import { requestTask } from "@/server/services/model/request-task";
import { ofSizes, scoreFile, scoreRows, studyForRuns } from "@/tests/support/model-runs";

const { admin, study, scientist, crops, act, asWorker, foldOf, snapshot, makeRun } = await studyForRuns();

describe("what a finished run is asked for", () => {
  const everyFold = [-1, 0, 1, 2].map((fold) => ({ fold, model: true }));
  const cropId = () => crops[0]?.cropId ?? "";
  const ask = (task: Parameters<typeof requestTask>[2]) => act((tx) => requestTask(tx, scientist, task));

  test("is queued with its job, and an explanation or file that is there is not made again", async () => {
    const runId = await makeRun({ snapshotId: await snapshot(), records: everyFold });
    const explain = { kind: "explain", runId, cropId: cropId(), variant: "grad-cam" } as const;
    const { taskId } = await ask(explain);
    const [job] = await admin`select name, data from pgboss.job where id = ${taskId}`;
    expect(job).toMatchObject({ name: "task", data: { taskId, studyId: study.studyId } });
    const [event] =
      await admin`select detail from audit_event where action = 'run.task_queued' and entity_id = ${taskId}`;
    expect(event?.detail).toMatchObject({ run: runId, kind: "explain" });
    const fileOf = (id: string) => act((tx) => takeTaskFile(tx, scientist, { taskId: id }));
    await expect(fileOf(taskId)).rejects.toMatchObject({ code: "conflict" });

    const end = (values: Partial<typeof runTask.$inferInsert>) =>
      asWorker((tx) => tx.update(runTask).set(values).where(eq(runTask.id, taskId)));
    const result = { resultSha256: "b".repeat(64), resultType: "image/png", resultName: "crop.png" };
    await end({ state: "done", ...result });
    expect(await ask(explain)).toEqual({ taskId });
    expect(await fileOf(taskId)).toEqual({ sha256: result.resultSha256, mediaType: "image/png", name: "crop.png" });
    const taken = await admin`select detail from audit_event where action = 'run.file_taken' and entity_id = ${taskId}`;
    expect(taken.map(({ detail }) => detail)).toEqual([{ kind: "explain", sha256: result.resultSha256 }]);
    expect((await ask({ ...explain, variant: "occlusion" })).taskId).not.toBe(taskId);
    await end({ state: "failed", error: "out of memory" });
    expect((await ask(explain)).taskId).not.toBe(taskId);
    expect(await ask({ kind: "export", runId, variant: "onnx" })).toEqual({ taskId: expect.any(String) });

    const tasks = await act((tx) => findTasks(tx, scientist, { runId }));
    expect(tasks.map(({ kind, variant, state }) => `${kind} ${variant} ${state}`).toSorted()).toEqual([
      "explain grad-cam failed",
      "explain grad-cam queued",
      "explain occlusion queued",
      "export onnx queued",
    ]);
  });

  test("scores of new crops are asked for again once the last scoring is done", async () => {
    const runId = await makeRun({ snapshotId: await snapshot(), records: everyFold });
    const { taskId } = await ask({ kind: "score", runId });
    expect(await ask({ kind: "score", runId })).toEqual({ taskId });
    await asWorker((tx) => tx.update(runTask).set({ state: "done" }).where(eq(runTask.id, taskId)));
    expect((await ask({ kind: "score", runId })).taskId).not.toBe(taskId);
    await expect(act((tx) => takeTaskFile(tx, scientist, { taskId }))).rejects.toMatchObject({ code: "conflict" });
  });

  test("is refused without a run that is done, a score of the crop, or a model for it", async () => {
    const snapshotId = await snapshot();
    const explain = (runId: string, of = cropId()) =>
      ask({ kind: "explain", runId, cropId: of, variant: "grad-cam" }).then(
        () => "queued",
        (error: Error) => error.message,
      );
    const whole = await makeRun({ snapshotId, records: everyFold });
    expect(await explain(whole)).toBe("queued");
    expect(await explain(whole, randomUUID())).toMatch(/has not scored/);
    expect(await explain(await makeRun({ snapshotId, state: "queued" }))).toMatch(/still in the queue/);
    expect(await explain(randomUUID())).toMatch(/There is no run/);
    const partly = await makeRun({ snapshotId, records: [{ fold: 0 }, { fold: 1, model: true }] });
    expect(await explain(partly)).toMatch(/no model of fold 1/);
    const later = crops.find((crop) => foldOf(crop) === 1)?.cropId ?? "";
    expect(await explain(partly, later)).toBe("queued");
    await expect(ask({ kind: "export", runId: partly, variant: "tfjs" })).rejects.toThrow(/trained on everything/);
    expect(await explain(await makeRun({ snapshotId, config: ofSizes, records: everyFold }))).toMatch(/baseline/);
    const { runId } = await act((tx) => importScores(tx, scientist, scoreFile(scoreRows(crops, 0.15))));
    expect(await explain(runId)).toMatch(/trained elsewhere/);
  });
});
