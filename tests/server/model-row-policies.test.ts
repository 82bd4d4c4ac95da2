import { randomUUID } from "node:crypto";
import { and, eq, sql } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import { cropScore, freezeSweep, job, type modelRun, runFold, type runTask } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { importScores } from "@/server/services/model/import-scores";
import {
  filledStudy,
  fineTuning,
  insertRun,
  insertTask,
  lockUnread,
  scoreFile,
  scoreRows,
  studyForRuns,
} from "@/tests/support/model-runs";

const { database, door, admin, study, scientist, crops, act, asWorker, snapshot, makeRun } = await studyForRuns();

// Rows of another study, which none of the counts below may include.
beforeAll(async () => {
  const snapshotId = await snapshot();
  const runId = await makeRun({ snapshotId, records: [{ fold: 0 }] });
  await act(async (tx) => {
    await tx.insert(freezeSweep).values({ studyId: study.studyId, snapshotId });
    await insertTask(tx, { studyId: study.studyId, runId, kind: "score" });
  });
});

/** The SQLSTATE of a refusal, or "done". */
const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error: { code?: string }) => error.code ?? String(error),
  );

describe("row policies", () => {
  const tables = ["run_fold", "run_task", "freeze_sweep", "analysis", "analysis_result"] as const;
  const seen = (actor: StudyActor, table: (typeof tables)[number]) =>
    door.withActor(actor, async (tx) => (await tx.execute(sql.raw(`select 1 from ${table}`))).length);

  test("a reader gets nothing of folds, tasks and sweeps; the investigator everything, after the lock only", async () => {
    const early = await filledStudy(database);
    const { principal_investigator: pi, reader, data_scientist: ds } = early.members;
    const [by, of] = [pi.personId, early.studyId];
    const [snapshotId, runId, taskId, analysisId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    for (const [id, kind] of [
      [runId, "train"],
      [taskId, "task"],
      [analysisId, "analyse"],
    ] as const)
      await admin`insert into job (id, study_id, kind, created_by) values (${id}, ${of}, ${kind}, ${by})`;
    await admin`insert into dataset_snapshot (id, study_id, split_unit, folds, seed, sha256, created_by) values (${snapshotId}, ${of}, 'patient', 3, 1, 'x', ${by})`;
    await admin`insert into model_run (id, study_id, snapshot_id, config) values (${runId}, ${of}, ${snapshotId}, ${admin.json({ trainable: "network" })})`;
    await admin`insert into freeze_sweep (study_id, snapshot_id, created_by) values (${of}, ${snapshotId}, ${by})`;
    await admin`insert into run_fold (run_id, study_id, fold, epochs, chosen_epoch, threshold, training_images, tuning_images) values (${runId}, ${of}, 0, 1, 1, 0.5, 1, 0)`;
    await admin`insert into run_task (id, study_id, run_id, kind) values (${taskId}, ${of}, ${runId}, 'score')`;
    await admin`insert into analysis (id, study_id, protocol_version_id, methods) select ${analysisId}, ${of}, protocol_version_id, 'x' from study where id = ${of}`;
    await admin`insert into analysis_result (analysis_id, study_id, input_sha256, result) values (${analysisId}, ${of}, 'x', '{}')`;
    for (const table of tables) {
      expect(await seen(pi, table), `${table} before the lock`).toBe(0);
      expect(await seen(ds, table), `${table} before the lock`).toBe(0);
    }
    await lockUnread(door, early);
    for (const table of tables) {
      expect(await seen(pi, table), `${table} after the lock`).toBe(1);
      expect(await seen(ds, table), `${table} after the lock`).toBe(1);
      expect(await outcome(seen(reader, table)), `${table} for a reader`).toBe("42501");
      for (const role of ["coordinator", "pathologist", "locating_radiologist", "monitor"] as const)
        expect(await outcome(seen(early.members[role], table)), `${table} for the ${role}`).toBe("42501");
    }
    const { data_scientist: stranger } = study.members;
    await expect(
      door.withActor(stranger, async (tx) => (await tx.select().from(runFold).where(eq(runFold.studyId, of))).length),
    ).resolves.toBe(0);
  });

  test("a person makes up neither a score of a run nor a run that is done", async () => {
    const snapshotId = await snapshot();
    const runId = await makeRun({ snapshotId, score: () => null });
    const score = { studyId: study.studyId, cropId: crops[0]?.cropId ?? "", fold: 0, score: 0.9 };
    for (const actor of [scientist, study.members.principal_investigator])
      expect(
        await outcome(door.withActor(actor, (tx) => tx.insert(cropScore).values({ ...score, runId }))),
        actor.role,
      ).toBe("NW007");
    expect(await outcome(asWorker((tx) => tx.insert(cropScore).values({ ...score, runId })))).toBe("done");

    const run = { studyId: study.studyId, snapshotId, config: fineTuning };
    const insert = (values: Partial<typeof modelRun.$inferInsert>, of: Partial<typeof job.$inferInsert> = {}) =>
      outcome(act((tx) => insertRun(tx, { ...run, ...values }, of)));
    expect(await insert({}, { state: "done" })).toBe("NW007");
    expect(await insert({}, { figures: { seconds: 1 } })).toBe("42501");
    expect(await insert({ environment: { engine: "native" } })).toBe("NW007");
    expect(await insert({}, { kind: "import", state: "done" }), "a training does not pass for an import").toBe("NW007");
    expect(await insert({}, { kind: "task" })).toBe("NW007");
    const task = (values: Partial<typeof runTask.$inferInsert>, of: Partial<typeof job.$inferInsert> = {}) =>
      outcome(
        act((tx) => insertTask(tx, { studyId: study.studyId, runId, kind: "export", variant: "onnx", ...values }, of)),
      );
    expect(await task({}, { state: "done" })).toBe("NW007");
    expect(await task({ resultSha256: crops[0]?.sha256 ?? "" })).toBe("NW007");
    expect(await task({ runId: randomUUID() })).toBe("23503");
    expect(await task({})).toBe("done");
    expect(await insert({})).toBe("done");
    expect(
      await outcome(
        act((tx) =>
          tx
            .update(job)
            .set({ state: "done" })
            .where(and(eq(job.id, runId), eq(job.studyId, study.studyId))),
        ),
      ),
    ).toBe("42501");
    expect(
      await outcome(
        act((tx) =>
          tx.insert(runFold).values({
            runId,
            studyId: study.studyId,
            fold: 0,
            epochs: 1,
            chosenEpoch: 1,
            threshold: 0.1,
            trainingImages: 1,
            tuningImages: 0,
          }),
        ),
      ),
    ).toBe("42501");
  });

  test("the scores of an imported run are given once and never change", async () => {
    const { runId } = await importScores(scientist, scoreFile(scoreRows(crops, 0.12)));
    const again = { runId, studyId: study.studyId, cropId: crops[0]?.cropId ?? "", fold: -1, score: 0.99 };
    expect(await outcome(act((tx) => tx.insert(cropScore).values(again)))).toBe("23505");
    // Of an image that the run left out, too, they come with it or not at all.
    await admin.begin(async (run) => {
      await run`set local session_replication_role = replica`;
      await run`delete from crop_score where run_id = ${runId} and crop_id = ${again.cropId}`;
    });
    for (const actor of [scientist, study.members.principal_investigator])
      expect(await outcome(door.withActor(actor, (tx) => tx.insert(cropScore).values(again))), actor.role).toBe(
        "NW007",
      );
    expect(await outcome(act((tx) => tx.update(cropScore).set({ score: 1 }).where(eq(cropScore.runId, runId))))).toBe(
      "42501",
    );
  });
});
