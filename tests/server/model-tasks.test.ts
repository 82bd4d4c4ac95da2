import { randomUUID } from "node:crypto";
import { text } from "node:stream/consumers";
import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { job, runTask } from "@/db/schema";
import { withdrawConsent } from "@/server/services/enrolment/withdraw-consent";
import { noteStored } from "@/server/services/imaging/note-stored";
import { findTasks } from "@/server/services/model/find-tasks";
import { importScores } from "@/server/services/model/import-scores";
import { requestTask } from "@/server/services/model/request-task";
import { takeTaskFile } from "@/server/services/model/take-task-file";
import { withMissingFiles } from "@/server/services/model/with-missing-files";
import { store } from "@/server/store";
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
    const [queued] =
      await admin`select q.name, q.data from pgboss.job q join job j on j.queue_id = q.id where j.id = ${taskId}`;
    expect(queued).toMatchObject({ name: "task", data: { jobId: taskId, studyId: study.studyId } });
    const [event] =
      await admin`select detail from audit_event where action = 'run.task_queued' and entity_id = ${taskId}`;
    expect(event?.detail).toMatchObject({ run: runId, kind: "explain" });

    const end = (values: Partial<typeof job.$inferInsert>) =>
      asWorker((tx) => tx.update(job).set(values).where(eq(job.id, taskId)));
    const file = await store.put(Buffer.from("an explanation"));
    const result = { resultSha256: file.sha256, resultType: "image/png", resultName: "crop.png" };
    await asWorker(async (tx) => {
      await noteStored(tx, study, [{ ...file, mediaType: result.resultType }]);
      await tx.update(runTask).set(result).where(eq(runTask.id, taskId));
    });
    await end({ state: "done" });
    expect(await ask(explain)).toEqual({ taskId });
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

  test("an export is noted as taken when its bytes were read, an explanation is looked at without a note", async () => {
    const runId = await makeRun({ snapshotId: await snapshot(), records: everyFold });
    const taken = async () =>
      (await admin`select detail from audit_event where action = 'run.file_taken' and study_id = ${study.studyId}`).map(
        ({ detail }) => detail,
      );
    const made = async (task: Parameters<typeof requestTask>[2], content: string, resultType: string) => {
      const { taskId } = await ask(task);
      await expect(takeTaskFile(scientist, { taskId })).rejects.toMatchObject({ code: "conflict" });
      const file = await store.put(Buffer.from(content));
      const result = { resultSha256: file.sha256, resultType, resultName: "a-file" };
      await asWorker(async (tx) => {
        await noteStored(tx, study, [{ ...file, mediaType: resultType }]);
        await tx.update(runTask).set(result).where(eq(runTask.id, taskId));
        await tx.update(job).set({ state: "done" }).where(eq(job.id, taskId));
      });
      return { taskId, sha256: file.sha256 };
    };
    const explain = { kind: "explain", runId, cropId: cropId(), variant: "grad-cam" } as const;
    const picture = await made(explain, "a picture", "image/png");
    const { stream, ...about } = await takeTaskFile(scientist, picture);
    expect(await text(stream)).toBe("a picture");
    expect(about).toEqual({ bytes: 9, sha256: picture.sha256, mediaType: "image/png", name: "a-file" });
    expect(await taken()).toEqual([]);

    const model = await made({ kind: "export", runId, variant: "onnx" }, "a model", "application/octet-stream");
    await store.delete(model.sha256);
    await expect(takeTaskFile(scientist, model)).rejects.toThrow(/a-file is missing from the store\. Ask for it again/);
    expect(await taken()).toEqual([]);
    const listed = await withMissingFiles(await act((tx) => findTasks(tx, scientist, { runId })));
    expect(listed.filter(({ fileIsMissing }) => fileIsMissing).map(({ id }) => id)).toEqual([model.taskId]);
    const { taskId: madeAgain } = await ask({ kind: "export", runId, variant: "onnx" });
    expect(madeAgain).not.toBe(model.taskId);
    expect(await ask({ kind: "export", runId, variant: "onnx" }), "asked for once").toEqual({ taskId: madeAgain });
    await store.put(Buffer.from("a model"));
    const { stream: again, ...same } = await takeTaskFile(scientist, model);
    expect(await text(again)).toBe("a model");
    expect(same).toMatchObject({ sha256: model.sha256, name: "a-file" });
    expect(await taken()).toEqual([{ kind: "export", sha256: model.sha256 }]);
  });

  test("scores of new crops are asked for again once the last scoring is done", async () => {
    const runId = await makeRun({ snapshotId: await snapshot(), records: everyFold });
    const { taskId } = await ask({ kind: "score", runId });
    expect(await ask({ kind: "score", runId })).toEqual({ taskId });
    await asWorker((tx) => tx.update(job).set({ state: "done" }).where(eq(job.id, taskId)));
    expect((await ask({ kind: "score", runId })).taskId).not.toBe(taskId);
    await expect(takeTaskFile(scientist, { taskId })).rejects.toMatchObject({ code: "conflict" });
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
    const { runId } = await importScores(scientist, scoreFile(scoreRows(crops, 0.15)));
    expect(await explain(runId)).toMatch(/trained elsewhere/);
  });
});

test("the explanation of an image is a picture of it: once its patient wants it used no more, it is not handed out either", async () => {
  const runId = await makeRun({
    snapshotId: await snapshot(),
    records: [-1, 0, 1, 2].map((fold) => ({ fold, model: true })),
  });
  const explained = async (cropId: string) => {
    const task = { kind: "explain", runId, cropId, variant: "grad-cam" } as const;
    const { taskId } = await act((tx) => requestTask(tx, scientist, task));
    const file = await store.put(Buffer.from(`a picture of ${cropId}`));
    await asWorker(async (tx) => {
      await noteStored(tx, study, [{ ...file, mediaType: "image/png" }]);
      const result = { resultSha256: file.sha256, resultType: "image/png", resultName: "crop.png" };
      await tx.update(runTask).set(result).where(eq(runTask.id, taskId));
      await tx.update(job).set({ state: "done" }).where(eq(job.id, taskId));
    });
    return taskId;
  };
  const [first, last] = [crops[0], crops.at(-1)];
  if (!first || !last) throw new Error("The study has no two images.");
  const [gone, kept] = [await explained(first.cropId), await explained(last.cropId)];
  const take = (taskId: string) => takeTaskFile(scientist, { taskId });
  await expect(take(gone), "control").resolves.toHaveProperty("sha256");
  await withdrawConsent(study.members.coordinator, {
    number: first.subject,
    withdrawnOn: "2026-02-01",
    scope: "no_further_use",
  });
  await expect(take(gone)).rejects.toMatchObject({ code: "not_found" });
  await expect(take(kept), "control").resolves.toHaveProperty("sha256");
});
