import sharp, { type Sharp } from "sharp";
import { expect, test } from "vitest";
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
import { lockUnread } from "@/tests/support/model-runs";
import { addPatient, makeStudy, report } from "@/tests/support/study";

const { door, owner } = await freshDatabase();
const study = await makeStudy({ door, ownerUrl: owner });
const { principal_investigator: pi, locating_radiologist: radiologist, data_scientist: scientist } = study.members;

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
  const stored = await Promise.all(files.map(({ png }) => store.put(png)));
  await door.withActor(radiologist, (tx) =>
    addCrop(tx, radiologist, { nodeId, plane: "axial", replaces: null, image, files: stored }),
  );
  await report(door, study, nodeId, result);
  return number;
}

const grey = (image: Sharp) => image.toColourspace("b-w").png();
const seenBy = (actor: StudyActor) => door.withActor(actor, (tx) => findContradictions(tx, actor));

// pratikkayal/PlantDoc-Dataset#4, tqwei05/PlantSeg#11: one picture under two classes.
test("one picture with two truths is known before the lock by the investigator alone, and in the report of a run after it", async () => {
  const first = await patient(1, "positive", grey);
  const other = await patient(2, "negative", grey, 7);
  expect(other).not.toBe(first);
  expect(await seenBy(pi)).toEqual([]);

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
  expect(await seenBy(pi)).toEqual(expected);
  expect(sayIn("en")(contradictionInWords(pair("001", "004", false)))).toBe(
    "the same picture, mirrored, turned, moved or cut anew as it may be: subject 001 node N1 plane axial, subject 004 node N1 plane axial; their subjects always share a fold, and their truths differ",
  );
  for (const role of [
    "reader",
    "coordinator",
    "locating_radiologist",
    "pathologist",
    "monitor",
    "administrator",
  ] as const)
    await expect(seenBy(study.members[role]), role).rejects.toMatchObject({ code: "42501" });

  await lockUnread(door, study);
  const crops = await door.withActor(scientist, (tx) => findLabelledCrops(tx, scientist));
  const split = await splitCrops(crops, { folds: 2, seed: 1, splitUnit: "image" });
  const { snapshotId } = await door.withActor(scientist, (tx) => freezeSnapshot(tx, scientist, split));
  const inReport = await door.withActor(scientist, (tx) => contradictionsOfRun(tx, scientist, { snapshotId }));
  expect(new Set(inReport)).toEqual(
    new Set([pair(first, colour, true), pair(first, jpeg, false), pair(jpeg, agreeing, false)]),
  );
});
