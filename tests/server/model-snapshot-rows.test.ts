import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import type { Tx } from "@/db/actor";
import { datasetItem, datasetSnapshot } from "@/db/schema";
import { findLabelledCrops, type LabelledCrop } from "@/server/services/dataset/find-labelled-crops";
import { filledStudy, fineTuning, insertRun, leaveOut, lockUnread, studyForRuns } from "@/tests/support/model-runs";
import { addPatient, report } from "@/tests/support/study";

/*
 * A data scientist with raw SQL, at a snapshot that no service made.
 */

const { database, door, admin, study, scientist, crops, act } = await studyForRuns();

const [first, second] = [crops[0], crops[1]];
if (!first || !second) throw new Error("The study has no two images.");

/** The message of a refusal of ours with its SQLSTATE, the SQLSTATE of another, or "done". */
const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error: { code?: string; message: string }) =>
      error.code?.startsWith("NW") ? `${error.code} ${error.message}` : (error.code ?? String(error)),
  );

const frozen = /^NW007 This snapshot is frozen/;

/** What the records say of an image of the tests' patients, of whom the n-th has a node of 4 + n mm (`filledStudy`). */
async function itemOf(crop: LabelledCrop, snapshotId: string, studyId = study.studyId) {
  const { cropId, subject, node, sha256, pixelSha256, truth, width, height } = crop;
  const [size] = await admin`select short_axis_mm from node_size where node_id = ${crop.nodeId}`;
  const says = { subject, node, sha256, pixelSha256, truth, width, height, shortAxisMm: Number(size?.short_axis_mm) };
  return { snapshotId, studyId, cropId, position: 0, fold: 0, ...says };
}

const freeze = (tx: Tx, id: string, studyId = study.studyId) =>
  tx.insert(datasetSnapshot).values({ id, studyId, splitUnit: "patient", folds: 2, seed: 1, sha256: "x" });
const imagesOf = async (snapshotId: string) =>
  (await admin`select crop_id from dataset_item where snapshot_id = ${snapshotId}`).length;

describe("a snapshot has the images with which it came", () => {
  const runOn = (snapshotId: string) => ({ studyId: study.studyId, snapshotId, config: fineTuning });

  /** Every image, without which there is no run. */
  const every = async (snapshotId: string) =>
    Promise.all(crops.map(async (crop, position) => ({ ...(await itemOf(crop, snapshotId)), position })));

  test("in the transaction that makes it images are added, and runs on them, and after a run none", async () => {
    const snapshotId = randomUUID();
    const [images, late] = [await every(snapshotId), await itemOf(second, snapshotId)];
    await act(async (tx) => {
      await freeze(tx, snapshotId);
      await tx.insert(datasetItem).values(images);
      await insertRun(tx, runOn(snapshotId));
      await insertRun(tx, runOn(snapshotId));
      expect(await outcome(tx.transaction((savepoint) => savepoint.insert(datasetItem).values(late)))).toContain(
        "Failed query",
      );
    });
    expect(await imagesOf(snapshotId)).toBe(crops.length);
  });

  test("later nobody adds one, with a run on it or without: neither who made it nor somebody else", async () => {
    const { principal_investigator: pi } = study.members;
    for (const withRun of [false, true]) {
      const snapshotId = randomUUID();
      const images = withRun ? await every(snapshotId) : [await itemOf(first, snapshotId)];
      const late = await itemOf(second, snapshotId);
      await act(async (tx) => {
        await freeze(tx, snapshotId);
        await tx.insert(datasetItem).values(images);
        if (withRun) await insertRun(tx, runOn(snapshotId));
      });
      if (withRun) await leaveOut(admin, snapshotId, [late.cropId]);
      const before = await imagesOf(snapshotId);
      for (const actor of [scientist, pi])
        expect(await outcome(door.withActor(actor, (tx) => tx.insert(datasetItem).values(late)))).toMatch(frozen);
      expect(await imagesOf(snapshotId)).toBe(before);
    }
  });
});

describe("an item says of its image what the records say", () => {
  const add = async (changes: Partial<typeof datasetItem.$inferInsert>, rest: readonly LabelledCrop[] = []) => {
    const snapshotId = randomUUID();
    const items = [{ ...(await itemOf(first, snapshotId)), ...changes }];
    for (const crop of rest) items.push({ ...(await itemOf(crop, snapshotId)), position: items.length });
    const said = await outcome(
      act(async (tx) => {
        await freeze(tx, snapshotId);
        await tx.insert(datasetItem).values(items);
      }),
    );
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
      const snapshotId = randomUUID();
      const item = { ...(await itemOf(first, snapshotId)), shortAxisMm };
      return outcome(
        act(async (tx) => {
          await tx.execute(sql.raw("set local extra_float_digits = '-15'"));
          const [same] = await tx.execute(sql`select (${size}::float8)::text = (${shortAxisMm}::float8)::text as same`);
          expect(same).toEqual({ same: true });
          await freeze(tx, snapshotId);
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
    const insert = (values: typeof datasetItem.$inferInsert) => {
      const snapshotId = randomUUID();
      return outcome(
        door.withActor(ds, async (tx) => {
          await freeze(tx, snapshotId, early.studyId);
          await tx.insert(datasetItem).values({ ...values, snapshotId });
        }),
      );
    };
    const item = { ...(await itemOf(one, randomUUID(), early.studyId)), shortAxisMm: 3.25 };
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
