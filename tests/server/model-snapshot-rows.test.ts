import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, describe, expect, test } from "vitest";
import type { Tx } from "@/db/actor";
import { datasetItem, datasetSnapshot } from "@/db/schema";
import { findLabelledCrops, type LabelledCrop } from "@/server/services/dataset/find-labelled-crops";
import { takeOn } from "@/tests/support/claim";
import { filledStudy, fineTuning, insertRun, lockUnread, studyForRuns } from "@/tests/support/model-runs";
import { addPatient, report } from "@/tests/support/study";

/*
 * A data scientist with raw SQL, at a snapshot that no service made.
 */

const { database, door, admin, study, crops, act, snapshot } = await studyForRuns();
const web = postgres(database.web, { max: 1, onnotice: () => {} });
afterAll(() => web.end());

const [first, second] = [crops[0], crops[1]];
if (!first || !second) throw new Error("The study has no two images.");

/** The message of a refusal of ours with its SQLSTATE, the SQLSTATE of another, or "done". */
const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error: { code?: string; message: string }) =>
      error.code?.startsWith("NW") ? `${error.code} ${error.message}` : (error.code ?? String(error)),
  );

const frozen = /^NW007 This snapshot has a run/;

/** What the records say of an image of the tests' patients, of whom the n-th has a node of 4 + n mm (`filledStudy`). */
async function itemOf(crop: LabelledCrop, snapshotId: string, studyId = study.studyId) {
  const { cropId, subject, node, sha256, pixelSha256, truth, width, height } = crop;
  const [size] = await admin`select short_axis_mm from node_size where node_id = ${crop.nodeId}`;
  const says = { subject, node, sha256, pixelSha256, truth, width, height, shortAxisMm: Number(size?.short_axis_mm) };
  return { snapshotId, studyId, cropId, position: 0, fold: 0, ...says };
}

const empty = () => snapshot({ crops: [] });
const imagesOf = async (snapshotId: string) =>
  (await admin`select crop_id from dataset_item where snapshot_id = ${snapshotId}`).length;

describe("a snapshot is frozen with its first run, on two connections too", () => {
  const runOn = (snapshotId: string) => ({ studyId: study.studyId, snapshotId, config: fineTuning });
  const addImage = async (snapshotId: string, crop = first) => {
    const item = await itemOf(crop, snapshotId);
    return { alone: () => act((tx) => tx.insert(datasetItem).values(item)), item };
  };

  /** A transaction of the data scientist that has done `work` and stays open until it is told how to end. */
  async function open(work: (tx: Tx) => Promise<unknown>) {
    let end: (how: "commit" | "roll back") => void = () => {};
    const told = new Promise<"commit" | "roll back">((tell) => {
      end = tell;
    });
    let ended = Promise.resolve("");
    await new Promise<void>((done) => {
      ended = outcome(
        act(async (tx) => {
          await work(tx);
          done();
          if ((await told) === "roll back") throw new Error("rolled back");
        }),
      );
      void ended.then(() => done());
    });
    return (how: "commit" | "roll back") => {
      end(how);
      return ended;
    };
  }

  /** Waits until a connection of this database waits for another; fails when the work ends without. */
  async function waits(work: Promise<string>) {
    let ended: string | null = null;
    void work.then((answer) => {
      ended = answer;
    });
    for (;;) {
      const waiting =
        await admin`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      if (waiting.length > 0) return;
      if (ended) throw new Error(`It did not wait: ${ended}`);
    }
  }

  test("an image that comes while a run is being queued waits for it, and is refused", async () => {
    const snapshotId = await empty();
    const { alone } = await addImage(snapshotId);
    const run = await open((tx) => insertRun(tx, runOn(snapshotId)));
    const late = outcome(alone());
    await waits(late);
    expect(await run("commit")).toBe("done");
    expect(await late).toMatch(frozen);
    expect(await imagesOf(snapshotId)).toBe(0);
  });

  test("when that run comes to nothing, the image is added", async () => {
    const snapshotId = await empty();
    const { alone } = await addImage(snapshotId);
    const run = await open((tx) => insertRun(tx, runOn(snapshotId)));
    const image = outcome(alone());
    await waits(image);
    expect(await run("roll back")).toContain("rolled back");
    expect(await image).toBe("done");
    expect(await imagesOf(snapshotId)).toBe(1);
  });

  test("a run that comes while an image is being added waits for it, so that no image comes after a run", async () => {
    const snapshotId = await empty();
    const { item } = await addImage(snapshotId);
    const image = await open((tx) => tx.insert(datasetItem).values(item));
    const run = outcome(act((tx) => insertRun(tx, runOn(snapshotId))));
    await waits(run);
    expect(await image("commit")).toBe("done");
    expect(await run).toBe("done");
    expect(await imagesOf(snapshotId)).toBe(1);
    expect(await outcome((await addImage(snapshotId, second)).alone())).toMatch(frozen);
  });

  test("images and runs in the transaction that makes the snapshot wait for nobody, nor does a run for another", async () => {
    const snapshotId = randomUUID();
    const { item } = await addImage(snapshotId);
    const other = await itemOf(second, snapshotId);
    const whole = await open(async (tx) => {
      const about = { id: snapshotId, studyId: study.studyId, splitUnit: "patient", folds: 2, seed: 1 } as const;
      await tx.insert(datasetSnapshot).values({ ...about, sha256: "x" });
      await tx.insert(datasetItem).values(item);
      await tx.insert(datasetItem).values(other);
      await insertRun(tx, runOn(snapshotId));
      await insertRun(tx, runOn(snapshotId));
    });
    expect(await whole("commit")).toBe("done");
    expect(await imagesOf(snapshotId)).toBe(2);
    const companion = await open((tx) => insertRun(tx, runOn(snapshotId)));
    expect(await outcome(act((tx) => insertRun(tx, runOn(snapshotId))))).toBe("done");
    expect(await companion("commit")).toBe("done");
  });

  test("a transaction that keeps looking at the time before the run adds nothing either", async () => {
    const snapshotId = await empty();
    const { cropId, position, subject, node, sha256, pixelSha256, truth, fold, width, height, shortAxisMm } =
      await itemOf(first, snapshotId);
    const addAt = (isolation: string, meanwhile: () => Promise<unknown>) =>
      outcome(
        web.begin(`isolation level ${isolation}`, async (run) => {
          await takeOn((text) => run.unsafe(text), study.members.data_scientist, database.actorSecret);
          expect(await run`select 1 from model_run where snapshot_id = ${snapshotId}`).toHaveLength(0);
          await meanwhile();
          await run`insert into dataset_item (snapshot_id, study_id, crop_id, position, subject, node, sha256, pixel_sha256, truth, fold, width, height, short_axis_mm)
            values (${snapshotId}, ${study.studyId}, ${cropId}, ${position}, ${subject}, ${node}, ${sha256}, ${pixelSha256}, ${truth}, ${fold}, ${width}, ${height}, ${shortAxisMm})`;
          if (isolation === "read committed") throw new Error("it was added");
        }),
      );
    expect(await addAt("read committed", async () => {})).toContain("it was added");
    for (const isolation of ["repeatable read", "serializable"])
      expect(await addAt(isolation, async () => {})).toMatch(/^NW006 .*READ COMMITTED/);
    const queue = () => act((tx) => insertRun(tx, runOn(snapshotId)));
    expect(await addAt("repeatable read", queue)).toMatch(/^NW006 /);
    expect(await imagesOf(snapshotId)).toBe(0);
  });
});

describe("an item says of its image what the records say", () => {
  const add = async (changes: Partial<typeof datasetItem.$inferInsert>, rest: readonly LabelledCrop[] = []) => {
    const snapshotId = await empty();
    const items = [{ ...(await itemOf(first, snapshotId)), ...changes }];
    for (const crop of rest) items.push({ ...(await itemOf(crop, snapshotId)), position: items.length });
    const said = await outcome(act((tx) => tx.insert(datasetItem).values(items)));
    expect(await imagesOf(snapshotId)).toBe(said === "done" ? items.length : 0);
    return said;
  };

  test.each([
    ["subject", { subject: "made-up" }, "made-up"],
    ["node", { node: "N9" }, "N9"],
    ["sha256", { sha256: second.sha256 }, second.sha256],
    ["pixel_sha256", { pixelSha256: second.pixelSha256 }, second.pixelSha256],
    ["truth", { truth: 1 - first.truth }, String(1 - first.truth)],
    ["width", { width: Number(first.width) + 1 }, String(Number(first.width) + 1)],
    ["height", { height: 0 }, "0"],
    ["short_axis_mm", { shortAxisMm: 9.5 }, "9.5"],
    ["short_axis_mm", { shortAxisMm: null }, "nothing"],
  ] as const)(
    "%s: what is made up is refused, with its name and value, and the rest goes with it",
    async (field, changes, said) => {
      const message = new RegExp(
        `^NW007 Of image ${first.cropId} the item says ${field} ${said}, the records say .*; take`,
      );
      expect(await add(changes)).toMatch(message);
      expect(await add(changes, crops.slice(1))).toMatch(message);
    },
  );

  test("nor is a size made up that is written alike where numbers are written short", async () => {
    const size = first.shortAxisMm ?? 0;
    const short = async (shortAxisMm: number) => {
      const snapshotId = await empty();
      const item = { ...(await itemOf(first, snapshotId)), shortAxisMm };
      return outcome(
        act(async (tx) => {
          await tx.execute(sql.raw("set local extra_float_digits = '-15'"));
          const [same] = await tx.execute(sql`select (${size}::float8)::text = (${shortAxisMm}::float8)::text as same`);
          expect(same).toEqual({ same: true });
          await tx.insert(datasetItem).values([item]);
        }),
      );
    };
    expect(await short(size + 0.3)).toMatch(/^NW007 Of image .* short_axis_mm/);
    expect(await short(size)).toBe("done");
  });

  test("what the records say is taken, one image or all, in whatever fold and place", async () => {
    expect(await add({})).toBe("done");
    expect(await add({ fold: 7, position: 99 })).toBe("done");
    expect(await add({}, crops.slice(1))).toBe("done");
  });

  test("the newest report and the newest size count; an image without a reference standard is none", async () => {
    const early = await filledStudy(database);
    const { data_scientist: ds, pathologist, locating_radiologist: radiologist } = early.members;
    const patient = (seed: number) =>
      addPatient(door, early, { name: `Patient ${seed}`, shortAxisMm: 4 + seed, positive: true, seed });
    const [unreported, excluded, corrected] = [await patient(7), await patient(8), await patient(9)];
    for (const { nodeId } of [excluded, corrected]) await report(door, early, nodeId, "positive");
    const notFound = await patient(10);
    await door.withActor(radiologist, async (tx) => {
      await tx.execute(
        sql`insert into node_exclusion (node_id, study_id, reason) values (${excluded.nodeId}, ${early.studyId}, 'Not a node')`,
      );
      await tx.execute(
        sql`insert into node_size (node_id, study_id, short_axis_mm) values (${corrected.nodeId}, ${early.studyId}, 3.25)`,
      );
      await tx.execute(
        sql`update crop set superseded_at = now() where node_id = ${corrected.nodeId} and plane = 'axial'`,
      );
    });
    await door.withActor(pathologist, async (tx) => {
      await tx.execute(
        sql`insert into pathology_report (study_id, node_id, result, reason, supersedes)
          select study_id, node_id, 'negative', 'Second opinion', id from pathology_report where node_id = ${corrected.nodeId}`,
      );
      await tx.execute(
        sql`insert into pathology_report (study_id, node_id, result, reason) values (${early.studyId}, ${notFound.nodeId}, 'not_found', 'Lost')`,
      );
    });
    await lockUnread(door, early);

    const labelled = await door.withActor(ds, (tx) => findLabelledCrops(tx, ds));
    const one = labelled.find(({ nodeId }) => nodeId === corrected.nodeId);
    if (!one) throw new Error("The corrected node has no image.");
    const snapshotId = randomUUID();
    await admin`insert into dataset_snapshot (id, study_id, split_unit, folds, seed, sha256, created_by) values (${snapshotId}, ${early.studyId}, 'patient', 2, 1, 'x', ${ds.personId})`;
    const insert = (values: typeof datasetItem.$inferInsert) =>
      outcome(door.withActor(ds, (tx) => tx.insert(datasetItem).values(values)));
    const item = { ...(await itemOf(one, snapshotId, early.studyId)), shortAxisMm: 3.25 };
    expect(await insert({ ...item, truth: 1 })).toContain("says truth 1, the records say 0");
    expect(await insert({ ...item, shortAxisMm: 13 })).toContain("says short_axis_mm 13, the records say 3.25");
    expect(await insert(item)).toBe("done");

    const cropOf = async (nodeId: string) =>
      (await admin`select id from crop where node_id = ${nodeId} and plane = 'axial'`)[0]?.id;
    for (const { nodeId } of [unreported, excluded, corrected, notFound])
      expect(await insert({ ...item, cropId: await cropOf(nodeId) })).toMatch(
        /^NW007 Image [0-9a-f-]{36} has no reference standard: .* leave it out\.$/,
      );
    expect(await insert({ ...item, cropId: first.cropId }), "of another study").toBe("23503");
  });
});
