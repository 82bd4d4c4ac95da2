import { sql } from "drizzle-orm";
import postgres from "postgres";
import sharp, { type Sharp } from "sharp";
import { afterAll, expect, test } from "vitest";
import { drawNode } from "@/core/phantom/node";
import { contradictionInWords } from "@/core/splits/contradictions";
import { sayIn } from "@/core/words";
import type { StudyActor } from "@/server/door";
import { findLabelledCrops } from "@/server/services/dataset/find-labelled-crops";
import { freezeSnapshot } from "@/server/services/dataset/freeze-snapshot";
import { splitCrops } from "@/server/services/dataset/split-crops";
import { addCrop } from "@/server/services/imaging/add-crop";
import { decodeCrop } from "@/server/services/imaging/decode-crop";
import { findContradictions } from "@/server/services/imaging/find-contradictions";
import { contradictionsOfRun } from "@/server/services/model/contradictions-of-run";
import { store } from "@/server/store";
import { freshDatabase } from "@/tests/support/database";
import { fineTuning, insertRun, lockUnread } from "@/tests/support/model-runs";
import { addPatient, makeStudy, report } from "@/tests/support/study";

const { door, owner, admin: adminUrl } = await freshDatabase();
const admin = postgres(adminUrl, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());
const study = await makeStudy({ door, ownerUrl: owner });
const { principal_investigator: pi, locating_radiologist: radiologist, pathologist, monitor } = study.members;
const { data_scientist: scientist } = study.members;

/** A node of a new patient with one image that is brought through the form. */
async function patient(seed: number, result: "positive" | "negative", save: (image: Sharp) => Sharp, picture = 1) {
  const { number, nodeId } = await addPatient(door, study, {
    name: `Patient ${seed}`,
    shortAxisMm: 6,
    positive: true,
    seed,
    only: [],
  });
  const { pixels, width, height } = drawNode({ seed: picture, plane: "axial", positive: true, shortAxisMm: 9 });
  const bytes = await save(sharp(pixels, { raw: { width, height, channels: 1 } })).toBuffer();
  const { image, files } = await decodeCrop({ name: "axial.png", bytes });
  const stored = await Promise.all(files.map(({ bytes }) => store.put(bytes)));
  await door.withActor(radiologist, (tx) =>
    addCrop(tx, radiologist, { nodeId, plane: "axial", replaces: null, image, files: stored }),
  );
  await report(door, study, nodeId, result);
  return number;
}

const grey = (image: Sharp) => image.toColourspace("b-w").png();
const seenBy = (actor: StudyActor) => door.withActor(actor, (tx) => findContradictions(tx, actor));

// pratikkayal/PlantDoc-Dataset#4, tqwei05/PlantSeg#11: one picture under two classes.
test("one picture with two truths is known before the lock to whoever sees truth, and to the investigator and in the report of a run after it", async () => {
  const first = await patient(1, "positive", grey);
  const other = await patient(2, "negative", grey, 7);
  expect(other).not.toBe(first);
  expect(await seenBy(pathologist)).toEqual([]);

  const colour = await patient(3, "negative", (image) => image.toColourspace("srgb").png({ palette: false }));
  const jpeg = await patient(4, "negative", (image) => image.jpeg({ quality: 90 }));
  const agreeing = await patient(5, "positive", grey);
  expect(agreeing).not.toBe(first);
  const pair = (one: string, two: string, identical: boolean) => ({
    first: { subject: one, node: "N1", plane: "axial" },
    second: { subject: two, node: "N1", plane: "axial" },
    identical,
  });
  const expected = [
    pair(first, colour, true),
    pair(first, jpeg, false),
    pair(colour, agreeing, true),
    pair(jpeg, agreeing, false),
  ];
  for (const actor of [pathologist, monitor]) {
    expect(await seenBy(actor)).toEqual(expected);
    // Whoever is of one site is told of its subjects alone, and these are of none.
    expect(await seenBy({ ...actor, siteId: study.siteId })).toEqual([]);
  }
  expect(await seenBy(pi)).toEqual([]);
  expect(sayIn("en")(contradictionInWords(pair("001", "004", false)))).toBe(
    "the same picture, mirrored, turned, moved or cut anew as it may be: subject 001 node N1 plane axial, subject 004 node N1 plane axial; their subjects always share a fold, and their truths differ",
  );
  for (const role of ["reader", "coordinator", "locating_radiologist", "data_scientist", "administrator"] as const)
    await expect(seenBy(study.members[role]), role).rejects.toMatchObject({ code: "42501" });

  // Which are alike the server says, and nobody who brings them; and whatever it said, whoever may not see truth before the lock is told nothing by it.
  const every = sql`select a.study_id, a.id as crop_id, b.id as other_id from crop a join crop b on a.id < b.id`;
  for (const made of [
    sql`insert into alike_crops (study_id, crop_id, other_id) ${every}`,
    sql`select nw.note_alike(crop_id, other_id::text, ${"0".repeat(64)}) from (${every}) x`,
    sql`select nw.pictures_beside(crop_id, ${"0".repeat(64)}) from (${every}) x`,
  ])
    await expect(door.withActor(radiologist, (tx) => tx.execute(made))).rejects.toMatchObject({ code: "42501" });
  await admin`
    insert into alike_crops (study_id, crop_id, other_id)
    select a.study_id, a.id, b.id from crop a join crop b on a.id < b.id and b.study_id = a.study_id where a.study_id = ${study.studyId} on conflict do nothing`;
  expect((await seenBy(pathologist)).length).toBeGreaterThan(expected.length);
  expect(await seenBy(pi)).toEqual([]);

  const looks = async () => [
    ...(await door.withActor(monitor, (tx) =>
      tx.execute(sql`
        select action, entity, entity_id, person_id from audit_event where action in ('figures.viewed', 'study.unblinded') order by id`),
    )),
  ];
  expect(await looks(), "before the lock, and by whoever sees truth by right").toEqual([]);
  await lockUnread(door, study);
  expect((await seenBy(pi)).length).toBeGreaterThan(expected.length);
  await seenBy(pi);
  const investigator = { entity: "study", entity_id: study.studyId, person_id: pi.personId };
  expect(await looks(), "one look, however often the page is opened").toMatchObject([
    { action: "figures.viewed", ...investigator },
    { action: "study.unblinded", ...investigator },
  ]);
  await seenBy(pathologist);
  const crops = await door.withActor(scientist, (tx) => findLabelledCrops(tx, scientist));
  const split = await splitCrops(crops, { folds: 2, seed: 1, splitUnit: "image" });
  const { snapshotId } = await door.withActor(scientist, (tx) => freezeSnapshot(tx, scientist, split));
  const { runId, inReport } = await door.withActor(scientist, async (tx) => {
    const runId = await insertRun(tx, { studyId: study.studyId, snapshotId, config: fineTuning });
    return { runId, inReport: await contradictionsOfRun(tx, scientist, { runId }) };
  });
  expect(new Set(inReport)).toEqual(
    new Set([pair(first, colour, true), pair(first, jpeg, false), pair(jpeg, agreeing, false)]),
  );
  expect((await looks()).slice(2), "a look at truths").toMatchObject([
    { action: "figures.viewed", entity_id: runId, person_id: scientist.personId },
  ]);
});
