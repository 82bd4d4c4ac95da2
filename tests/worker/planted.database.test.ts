import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterEach, describe, expect, test } from "vitest";
import { analysis, datasetSnapshot, job } from "@/db/schema";
import { queueJob } from "@/server/jobs";
import { comparisonQuestion } from "@/server/services/analysis/comparison-question";
import { findComparison } from "@/server/services/analysis/find-comparison";
import { requestComparison } from "@/server/services/analysis/request-comparison";
import { requestBundle } from "@/server/services/bundle/request-bundle";
import { takeBundle } from "@/server/services/bundle/take-bundle";
import { insertSnapshot } from "@/server/services/dataset/insert-snapshot";
import { withdrawConsent } from "@/server/services/enrolment/withdraw-consent";
import { queueRun } from "@/server/services/model/queue-run";
import { ofSizes, studyForRuns } from "@/tests/support/model-runs";
import { read } from "@/tests/support/said";
import { killed, startWorker, until } from "@/tests/support/worker";

/*
 * What a data scientist with raw SQL plants: data of somebody who will withdraw, images that a network does well on. (The order matters: one study, of whose
 * patients one withdraws at the end.)
 */

const { database, admin, study, scientist, crops, act, foldOf, snapshot, makeRun } = await studyForRuns();
afterEach(killed);

const told = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: { constraint?: string; code?: string }) => error.constraint ?? error.code ?? String(error),
  );
const ended = (id: string) =>
  until("the end of the job", async () => {
    const [row] = await act((tx) => tx.select().from(job).where(eq(job.id, id)));
    return row?.endedAt ? row : false;
  });

describe("the images of a run", () => {
  const foldsOf = new Map(crops.map((crop) => [crop.cropId, foldOf(crop)]));
  const freeze = (of: typeof crops) =>
    act((tx) =>
      insertSnapshot(tx, scientist, {
        splitUnit: "patient",
        folds: 3,
        seed: 1,
        crops: of,
        foldOf: (id) => foldsOf.get(id) ?? 0,
      }),
    );
  const ask = (snapshotId: string) => act((tx) => queueRun(tx, scientist, { snapshotId, config: ofSizes }));
  const trail = (runId: string) =>
    admin`select action, role, person_id, detail from audit_event where entity = 'model_run' and entity_id = ${runId}`;

  test("are every image that is judged: of those that a network does well on alone there is none", async () => {
    const { snapshotId: part } = await freeze(crops.slice(1));
    expect(await told(ask(part))).toBe("run_of_a_part");
    const { snapshotId: none } = await freeze([]);
    expect(await told(ask(none))).toBe("run_of_a_part");
    const { snapshotId: all } = await freeze(crops);
    expect(await told(ask(all)), "control").toBe("done");
  });

  test("stand in the trail, whoever asks for the run and however, and nobody notes a run that is none", async () => {
    const { snapshotId, sha256 } = await freeze(crops);
    const id = await act(async (tx) => {
      const id = await queueJob(tx, scientist, { kind: "train" });
      await tx.execute(sql`insert into model_run (id, study_id, snapshot_id, config)
        values (${id}, ${study.studyId}, ${snapshotId}, ${JSON.stringify(ofSizes)}::jsonb)`);
      return id;
    });
    expect([...(await trail(id))]).toMatchObject([
      {
        action: "run.queued",
        role: "nw_data_scientist",
        person_id: scientist.personId,
        detail: { images: 18, folds: 3, seed: 1, splitUnit: "patient", snapshot: sha256, baseline: "short-axis" },
      },
    ]);
    for (const action of ["run.queued", "scores.imported"])
      expect(
        await told(
          act(async (tx) => {
            await queueJob(tx, scientist, { kind: "train" });
            await tx.execute(sql`select nw.record(${action}, 'model_run', ${id}, null, null)`);
          }),
        ),
      ).toBe("42501");
  });

  test("are those of the hash of their snapshot, or nothing is trained on them", async () => {
    const { snapshotId: honest } = await freeze(crops);
    const madeUp = randomUUID();
    await act(async (tx) => {
      await tx.insert(datasetSnapshot).values({
        ...{ id: madeUp, studyId: study.studyId, splitUnit: "patient", folds: 3, seed: 1 },
        sha256: "0".repeat(64),
      });
      await tx.execute(sql`insert into dataset_item
        select (jsonb_populate_record(i, jsonb_build_object('snapshot_id', ${madeUp}::text))).* from dataset_item i where snapshot_id = ${honest}`);
    });
    const [refused, control] = [await ask(madeUp), await ask(honest)];
    startWorker(database.worker);
    const failed = await ended(refused);
    expect(failed.state).toBe("failed");
    expect(read(failed.error)).toMatch(/hash of the snapshot is not that of its images, truths and folds/);
    expect(await ended(control), "control").toMatchObject({ state: "done", error: null });
  }, 120_000);
});

describe("under the name of the next withdrawal", () => {
  test("nothing is asked for and nothing computed, and what was computed before a withdrawal is not handed out after it", async () => {
    const runId = await makeRun({ snapshotId: await snapshot() });
    const plant = (methods: string) =>
      act(async (tx) => {
        const id = await queueJob(tx, scientist, { kind: "analyse" });
        const { question } = await comparisonQuestion(tx, scientist, { runId });
        await tx.insert(analysis).values({ ...question, id, methods });
        return id;
      });
    const { question } = await act((tx) => comparisonQuestion(tx, scientist, { runId }));
    const next = `${question.methods}-1`;
    expect(await told(plant(next))).toBe("analysis_of_other_withdrawals");
    expect(await told(plant("-1"))).toBe("analysis_of_other_withdrawals");

    const { analysisId } = await act((tx) => requestComparison(tx, scientist, { runId }));
    // As if an earlier version had let it in: the worker does not compute it.
    const planted = await plant("planted");
    const rename = (id: string, methods: string) =>
      admin.begin(async (tx) => {
        await tx`set local session_replication_role = replica`;
        await tx`update analysis set methods = ${methods} where id = ${id}`;
      });
    await rename(planted, next);
    startWorker(database.worker);
    expect(await ended(analysisId), "control").toMatchObject({ state: "done", error: null });
    const refused = await ended(planted);
    expect(refused.state).toBe("failed");
    expect(read(refused.error)).toMatch(/asked for with other withdrawals of consent/);
    expect(await admin`select from analysis_result where analysis_id = ${planted}`).toHaveLength(0);

    await rename(planted, "planted");
    const { bundleId } = await act((tx) => requestBundle(tx, scientist, { runId }));
    expect(await ended(bundleId)).toMatchObject({ state: "done", error: null });
    await expect(takeBundle(scientist, { bundleId }), "control").resolves.toHaveProperty("sha256");
    expect((await act((tx) => findComparison(tx, scientist, { runId }))).stored, "control").not.toBeNull();
    await withdrawConsent(study.members.coordinator, {
      number: crops[0]?.subject ?? "",
      withdrawnOn: "2026-02-01",
      scope: "no_further_use",
    });
    // As if it stood under the name of that withdrawal: it and its bundle are older, whatever their name says.
    await rename(analysisId, next);
    await expect(takeBundle(scientist, { bundleId })).rejects.toMatchObject({ code: "conflict" });
    expect((await act((tx) => findComparison(tx, scientist, { runId }))).stored).toBeNull();
    expect(await told(plant(question.methods))).toBe("analysis_of_other_withdrawals");
  }, 180_000);
});
