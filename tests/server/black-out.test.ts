import { sql } from "drizzle-orm";
import postgres from "postgres";
import sharp from "sharp";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { isValue } from "@/core/dicom/data-set";
import { tagOf } from "@/core/dicom/dictionary";
import { readDicom } from "@/core/dicom/read";
import { type Door, openDoor } from "@/db/actor";
import { hold } from "@/db/locks";
import { withdrawConsent } from "@/server/services/enrolment/withdraw-consent";
import { cropsOfSubject } from "@/server/services/image-export/crops-of-subject";
import { imagesOfSubject } from "@/server/services/image-export/images-of-subject";
import { deleteUnnamedFiles } from "@/server/services/imaging/delete-unnamed-files";
import { slicesOf } from "@/server/services/passport/slices-of";
import { beginUpload } from "@/server/services/series/begin-upload";
import { blackOutImage } from "@/server/services/series/black-out-image";
import { cutCrop } from "@/server/services/series/cut-crop";
import { decideHold } from "@/server/services/series/decide-hold";
import { drawInstance } from "@/server/services/series/draw-instance";
import { findInstance } from "@/server/services/series/find-instance";
import { listHeld } from "@/server/services/series/list-held";
import { listTellingCrops } from "@/server/services/series/list-telling-crops";
import { takeFile } from "@/server/services/series/take-file";
import { sha256 } from "@/server/sha256";
import { readObject, store } from "@/server/store";
import { voucher } from "@/server/voucher";
import { freshDatabase } from "@/tests/support/database";
import { slice } from "@/tests/support/dicom";
import { addPatient, type MadeStudy, makeStudy } from "@/tests/support/study";

/*
 * A person who looked at a held image has its letters made black: from then on the image is another file, everywhere, and the one with the letters is gone.
 */

const database = await freshDatabase();
const { door, withActor } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
const workersDoor = openDoor({ url: database.worker, secret: database.actorSecret, max: 2 });
afterAll(async () => {
  await workersDoor.close();
  await admin.end();
});

/** The worker's own sweep, by its login, once nobody can be about to name what was noted. */
async function sweep(): Promise<void> {
  await admin`update file_being_stored set expires_at = now() - interval '1 second'`;
  const process = globalThis as typeof globalThis & { nodewiseDoor?: Door };
  const before = process.nodewiseDoor;
  process.nodewiseDoor = workersDoor;
  await deleteUnnamedFiles().finally(() => Object.assign(process, { nodewiseDoor: before }));
}

let study: MadeStudy;
let number: string;
let seeds = 0;
let instanceId: string;
let original: string;
const burnedIn = (changes: Record<string, unknown> = {}) =>
  slice({ PatientID: `H-${seeds}`, BurnedInAnnotation: "YES", ConversionType: "WSD", ...changes });

beforeEach(async () => {
  study = await makeStudy({ door, ownerUrl: database.owner });
  ({ number } = await addPatient(door, study, {
    ...{ name: "Patient Sun", shortAxisMm: 5, positive: true, seed: ++seeds },
    only: [],
  }));
  expect(await send(burnedIn())).toBe("held");
  const [image] = await admin`select id, sha256 from image_instance where study_id = ${study.studyId}`;
  [instanceId, original] = [image?.id, image?.sha256];
});

async function send(bytes: Uint8Array) {
  const { coordinator } = study.members;
  const [exam] = await admin`
    select e.id from exam e join subject s on s.id = e.subject_id where s.study_id = ${study.studyId} and s.number = ${number}`;
  const { uploadId } = await withActor(coordinator, (tx) =>
    beginUpload(tx, coordinator, { examId: exam?.id, source: "browser" }),
  );
  return (await takeFile(coordinator, { uploadId, ordinal: 1, bytes })).outcome;
}

const boxes = [[0, 0, 3, 2]] as const;
const reason = "The name stood at the top";
const blackOut = (actor = study.members.coordinator) => blackOutImage(actor, { instanceId, boxes, reason });
const find = (actor = study.members.locating_radiologist) =>
  withActor(actor, (tx) => findInstance(tx, actor, { instanceId }));
/** Why something was refused. */
const why = (error: { code?: string; constraint?: string; said?: { key: string } }) =>
  error.constraint ?? error.said?.key ?? error.code;

describe("an image whose letters were made black", () => {
  test("is from then on another file: in the viewer, as a picture, in the passport and in an export", async () => {
    const { coordinator, locating_radiologist: radiologist } = study.members;
    await expect(find()).rejects.toMatchObject({ code: "not_found" });
    await blackOut();
    const { sha256: now, bytes } = await find();
    expect(now).not.toBe(original);
    const file = await readObject(now, { limit: 1e6 });
    expect(bytes).toBe(file.length);
    const pixels = readDicom(file).data.get(tagOf("PixelData"));
    const values = isValue(pixels) ? new Uint16Array(Uint8Array.from(pixels.bytes).buffer) : [];
    expect([...values]).toEqual([0, 0, 0, 300, 0, 0, 0, 700, 800, 900, 1000, 1100, 1200, 1300, 1400, 1500]);
    const drawn = await sharp(await drawInstance({ sha256: now, frame: 1, shown: "all" }))
      .raw()
      .toBuffer();
    expect(drawn[0]).toBe(0);

    const slices = await withActor(radiologist, (tx) => slicesOf(tx, radiologist, [instanceId]));
    expect(slices(instanceId, 1)?.slice).toMatchObject({ sha256: now, picture: "shown" });
    const [subject] = await admin`select id from subject where study_id = ${study.studyId}`;
    const exported = await withActor(coordinator, (tx) => imagesOfSubject(tx, coordinator, { subjectId: subject?.id }));
    expect(exported.exams[0]?.stacks[0]?.images).toMatchObject([{ id: instanceId, sha256: now }]);

    const [row] = await admin`select * from image_black_out where instance_id = ${instanceId}`;
    expect(row).toMatchObject({
      ...{ from_sha256: original, sha256: now, boxes: [[0, 0, 3, 2]], transfer_syntax_uid: "1.2.840.10008.1.2.1" },
      ...{ blacked_out_by: coordinator.personId, bytes: String(bytes) },
      pixel_sha256: sha256(isValue(pixels) ? pixels.bytes : new Uint8Array()),
    });
    const [held] = await withActor(coordinator, (tx) => listHeld(tx, coordinator));
    expect(held).toMatchObject({ decided: { decision: "blacked_out", reason } });
    const [deed] = await admin`
      select reason, detail, person_id from audit_event where study_id = ${study.studyId} and action = 'image.decided'`;
    expect(deed).toEqual({
      reason,
      person_id: coordinator.personId,
      detail: { decision: "blacked_out", boxes: [[0, 0, 3, 2]], fromSha256: original, sha256: now },
    });
  });

  test("has no file with letters any more: the worker deletes it, and the same file sent again brings nothing back", async () => {
    expect(await store.has(original)).toBe(true);
    await blackOut();
    const { sha256: now } = await find();
    await sweep();
    expect([await store.has(original), await store.has(now)]).toEqual([false, true]);

    expect(await send(burnedIn()), "the same bytes").toBe("known");
    expect(await send(burnedIn({ StationName: "MR2" })), "the same pixels").toBe("known");
    await sweep();
    expect([await store.has(original), (await find()).sha256]).toEqual([false, now]);
    expect(await admin`select id from image_instance where study_id = ${study.studyId}`).toHaveLength(1);
  });

  test("is filled again where more letters are found later, and each file before the last is deleted", async () => {
    await blackOut();
    const { sha256: second } = await find();
    await admin`insert into image_hold (study_id, instance_id, reason, boxes) values (${study.studyId}, ${instanceId}, 'other_patient', '[]')`;
    await expect(find()).rejects.toMatchObject({ code: "not_found" });
    await expect(blackOut().catch(why)).resolves.toBe("errors.boxes_are_black");
    await blackOutImage(study.members.coordinator, { instanceId, boxes: [[2, 3, 2, 1]], reason });
    const { sha256: third } = await find();
    await sweep();
    expect(await Promise.all([original, second, third].map((each) => store.has(each)))).toEqual([false, false, true]);
  });

  test("takes what was cut out of it before out of an export, where that shows what is black now; what was cut beside it stays", async () => {
    const { coordinator, locating_radiologist: r1 } = study.members;
    const larger = { Rows: 16, Columns: 20, PixelData: Array.from({ length: 320 }, (_, at) => 100 + at) };
    expect(await send(burnedIn({ ...larger, SOPInstanceUID: `1.2.3.${seeds}.2` }))).toBe("held");
    const [image] = await admin`select id from image_instance where study_id = ${study.studyId} and rows = 16`;
    const of = { instanceId: image?.id };
    const [node] = await admin`select id from node where study_id = ${study.studyId}`;
    const [subject] = await admin`select subject_id from node where id = ${node?.id}`;
    await withActor(coordinator, (tx) =>
      decideHold(tx, coordinator, { ...of, decision: "cleared", reason: "No letters" }),
    );
    const cut = (plane: string, left: number) =>
      cutCrop(r1, {
        ...{ nodeId: node?.id, plane, replaces: null, ...of, frame: 1 },
        ...{ box: { left, top: 0, width: 8, height: 8 }, window: { low: 0, high: 500 } },
      });
    await cut("axial", 0);
    await cut("coronal", 9);
    const planes = async () =>
      (await withActor(coordinator, (tx) => cropsOfSubject(tx, coordinator, { subjectId: subject?.subject_id }))).map(
        ({ plane }) => plane,
      );
    expect(await planes()).toEqual(["axial", "coronal"]);
    // Letters were found later.
    await withActor(coordinator, (tx) =>
      tx.execute(
        sql`insert into image_hold (study_id, instance_id, reason, boxes) values (${study.studyId}, ${image?.id}, 'other_patient', '[]')`,
      ),
    );
    expect(await planes()).toEqual([]);
    const told = async () =>
      (await withActor(coordinator, (tx) => listTellingCrops(tx, coordinator))).map(({ plane }) => plane);
    expect(await told()).toEqual(["axial", "coronal"]);
    await blackOutImage(coordinator, { ...of, boxes: [[0, 0, 1, 1]], reason: "A letter" });
    expect(await planes()).toEqual(["coronal"]);
    expect(await told(), "whoever decides is told which is left").toEqual(["axial"]);
  });

  test("goes with its subject, whatever was made of it", async () => {
    await blackOut();
    const { sha256: now } = await find();
    const withdrawnOn = new Date().toISOString().slice(0, 10);
    await withdrawConsent(study.members.coordinator, { number, withdrawnOn, scope: "destroy" });
    await sweep();
    expect([await store.has(original), await store.has(now)]).toEqual([false, false]);
  });

  test("is of no subject who withdrew: nothing is stored of it", async () => {
    const withdrawnOn = new Date().toISOString().slice(0, 10);
    await withdrawConsent(study.members.coordinator, { number, withdrawnOn, scope: "keep" });
    const files = () => admin`select sha256 from stored_object where study_id = ${study.studyId}`;
    const before = await files();
    expect(await blackOut().catch(why)).toBe("consent_withdrawn");
    expect(await files()).toEqual(before);
    expect(await blackOuts()).toBe(0);
  });
});

const blackOuts = async () => (await admin`select 1 from image_black_out where study_id = ${study.studyId}`).length;

describe("who decides", () => {
  test("is one of two: the other is told, whatever each of them decided", async () => {
    const { coordinator } = study.members;
    const clear = () =>
      withActor(coordinator, (tx) => decideHold(tx, coordinator, { instanceId, decision: "cleared", reason }));
    const outcomes = await Promise.all([blackOut(), blackOut(), clear()].map((each) => each.then(() => "done", why)));
    expect(outcomes.filter((each) => each === "done")).toHaveLength(1);
    expect(outcomes.filter((each) => each === "errors.hold_decided")).toHaveLength(2);
    await sweep();
    const [{ files } = { files: 0 }] = await admin<{ files: number }[]>`
      select count(*)::int as files from stored_object o where o.study_id = ${study.studyId} and o.media_type = 'application/dicom'`;
    const kept = (await find()).sha256;
    expect(await store.has(kept)).toBe(true);
    expect(files).toBe(kept === original ? 1 : 2);
  });

  test("waits for whoever is at it, and finds it decided", async () => {
    const { coordinator } = study.members;
    let waiting: Promise<unknown> = Promise.resolve();
    await withActor(coordinator, async (tx) => {
      await hold(tx, "a held image", instanceId);
      waiting = blackOut().catch(why);
      await decideHold(tx, coordinator, { instanceId, decision: "rejected", reason });
    });
    expect(await waiting).toBe("errors.hold_decided");
    await expect(find()).rejects.toMatchObject({ code: "not_found" });
  });

  test("is a coordinator, and the image waits for one: nobody else, nothing that is decided, and no box outside", async () => {
    const { locating_radiologist: radiologist, monitor, reader, data_scientist: scientist } = study.members;
    for (const actor of [radiologist, monitor, reader, scientist])
      expect(await blackOut(actor).catch(why), actor.role).toMatch(/42501|not_found|errors\.image_unknown/);
    const { coordinator } = study.members;
    await expect(blackOutImage(coordinator, { instanceId, boxes: [[2, 2, 3, 1]], reason }).catch(why)).resolves.toBe(
      "errors.black_box_outside_image",
    );
    expect(await blackOuts()).toBe(0);
    await blackOut();
    expect(await blackOuts(), "control").toBe(1);
    expect(await blackOut().catch(why)).toBe("errors.hold_decided");
  });

  test("by SQL puts no other file in the place of an image, and decides for black by no word alone", async () => {
    const { coordinator } = study.members;
    const [holdOf] = await admin`select id from image_hold where instance_id = ${instanceId} limit 1`;
    const byWord = withActor(coordinator, (tx) =>
      tx.execute(
        sql`insert into hold_decision (hold_id, study_id, decision, reason) values (${holdOf?.id}, ${study.studyId}, 'blacked_out', 'Black enough')`,
      ),
    );
    expect(await byWord.catch(why)).toBe("image_was_not_blacked_out");

    const other = await addPatient(door, study, {
      ...{ name: "Moon", shortAxisMm: 5, positive: true, seed: ++seeds },
      only: ["axial"],
    });
    const [theirs] = await admin`select sha256 from crop where node_id = ${other.nodeId}`;
    const put = (how: { from?: string; word: string }) =>
      withActor(coordinator, async (tx) => {
        await tx.execute(sql`
          insert into image_black_out (study_id, instance_id, from_sha256, sha256, pixel_sha256, transfer_syntax_uid, bytes, boxes, voucher)
          values (${study.studyId}, ${instanceId}, ${how.from ?? original}, ${theirs?.sha256}, 'x', '1.2.840.10008.1.2.1', 1, '[[0, 0, 1, 1]]', ${how.word})`);
        throw new Error("done");
      }).catch((error: { constraint?: string; message: string }) => error.constraint ?? error.message);
    const word = (from: string) => voucher("image_black_out", study.studyId, instanceId, from, theirs?.sha256);
    expect(await put({ word: "0".repeat(64) })).toBe("image_was_not_blacked_out");
    expect(await put({ word: word("0".repeat(64)), from: "0".repeat(64) })).toBe("image_was_not_blacked_out");
    expect(await put({ word: word(original) }), "control").toBe("done");
  });
});
