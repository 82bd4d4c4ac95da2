import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { isDirectory, readDicom } from "@/core/dicom/read";
import { scanPhantom } from "@/core/phantom/exam";
import { hold } from "@/db/locks";
import { signInActor } from "@/server/door";
import { withdrawConsent } from "@/server/services/enrolment/withdraw-consent";
import { imagesOfSubject } from "@/server/services/image-export/images-of-subject";
import { beginUpload } from "@/server/services/series/begin-upload";
import { blackOutImage } from "@/server/services/series/black-out-image";
import { cutCrop } from "@/server/services/series/cut-crop";
import { decideHold } from "@/server/services/series/decide-hold";
import { type DrawnFrame, drawFrame } from "@/server/services/series/draw-frame";
import { findInstance } from "@/server/services/series/find-instance";
import { listHeld } from "@/server/services/series/list-held";
import { listSeries } from "@/server/services/series/list-series";
import { takeFile } from "@/server/services/series/take-file";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { checkStore, store } from "@/server/store";
import { type Burned, burnIn } from "@/tests/support/burned-in";
import { freshDatabase } from "@/tests/support/database";
import { compressedSlice, slice } from "@/tests/support/dicom";
import { asWorker, lookAtAll } from "@/tests/support/look";
import { addPatient, type MadeStudy, makeStudy } from "@/tests/support/study";
import { killed, startWorker, until } from "@/tests/support/worker";
import { askForOlderLooks, giveLookBack, noteLook, takeLook } from "@/worker/letters/looks";

/*
 * Somebody looks at the pixels of every image before others are shown it: the worker, which holds what has letters for a person.
 */

const database = await freshDatabase();
const { door, withActor } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
const workers = { url: database.worker, secret: database.actorSecret };
const lookAt = () => lookAtAll(workers);
afterEach(killed);
afterAll(() => admin.end());

const { source } = await shippedProtocol("demonstration");
const [file] = scanPhantom({ seed: 5, nodes: [], hospitalNumber: "H", performedOn: "20260106" }).slice(18);
const phantom = await (async () => {
  const read = readDicom(file ?? new Uint8Array());
  if (isDirectory(read)) throw new Error("the phantom is no image");
  return drawFrame(read, { frame: 1, shown: "all" });
})();

const name: Burned = { text: "MUSTER^ERIKA 1961", size: 14, grey: 255, at: [0.04, 0.1] };
const mark: Burned = { text: "HOSPITAL 7", size: 14, grey: 255, at: [0.5, 0.95] };
const chinese: Burned = { text: "张伟 男 58岁", size: 14, grey: 255, at: [0.04, 0.1] };

let study: MadeStudy;
let number: string;
let nodeId: string;
let seeds = 0;
let images = 0;
beforeEach(async () => {
  // What earlier tests left waits no more.
  await admin`update image_look set looked_at = now(), letters = '[]' where looked_at is null`;
  study = await makeStudy({ door, ownerUrl: database.owner, source });
  ({ number, nodeId } = await addSubject());
});

const addSubject = () =>
  addPatient(door, study, { name: "Patient Sun", shortAxisMm: 5, positive: true, seed: ++seeds, only: [] });

const withLetters = async (...burned: Burned[]): Promise<DrawnFrame> => {
  let picture = phantom;
  for (const each of burned) picture = await burnIn(picture, each);
  return picture;
};

/** Takes a file into the exam of the subject; answers with the id of its image. */
async function take(bytes: Uint8Array, of = number): Promise<string> {
  const { coordinator } = study.members;
  const [exam] = await admin`
    select e.id from exam e join subject s on s.id = e.subject_id where s.study_id = ${study.studyId} and s.number = ${of}`;
  const { uploadId } = await withActor(coordinator, (tx) =>
    beginUpload(tx, coordinator, { examId: exam?.id, source: "browser" }),
  );
  const { outcome } = await takeFile(coordinator, { uploadId, ordinal: 1, bytes });
  expect(outcome).toBe("accepted");
  const [found] = await admin`select instance_id from uploaded_file where upload_id = ${uploadId}`;
  return found?.instance_id as string;
}

/** Of a picture, or several as frames of one image; nothing in the header says that letters are in it. */
const bring = ({ of = number, series = "1.2.3" } = {}, ...pictures: DrawnFrame[]) =>
  take(
    slice({
      ...{
        PatientName: "",
        PatientID: "",
        SOPInstanceUID: `1.2.3.${++images}`,
        SeriesInstanceUID: `${series}.${seeds}`,
      },
      ...{ Rows: phantom.height, Columns: phantom.width, InstanceNumber: images },
      ...(pictures.length > 1 && { NumberOfFrames: pictures.length }),
      PixelData: pictures.flatMap(({ pixels }) => [...pixels]),
    }),
    of,
  );

const seen = async (role: "coordinator" | "locating_radiologist") => {
  const actor = study.members[role];
  const [exam] = await withActor(actor, (tx) => listSeries(tx, actor, { number }));
  if (!exam) throw new Error("there is no exam");
  const [series] = exam.series;
  const { look, uploads } = exam;
  return {
    look,
    uploads,
    shown: series?.stacks.reduce((sum, { frames }) => sum + frames.length, series.withoutPlane.length) ?? 0,
    held: series?.held,
    unlooked: series?.unlooked,
  };
};
const found = (role: "coordinator" | "locating_radiologist", instanceId: string) => {
  const actor = study.members[role];
  return withActor(actor, (tx) => findInstance(tx, actor, { instanceId })).then(
    ({ isHeld }) => (isHeld ? "held" : "shown"),
    (error: { code?: string }) => error.code,
  );
};
const cut = (instanceId: string) =>
  cutCrop(study.members.locating_radiologist, {
    ...{ nodeId, plane: "axial", replaces: null, instanceId, frame: 1 },
    ...{ box: { left: 60, top: 60, width: 30, height: 30 }, window: { low: 0, high: 255 } },
  }).then(
    () => "cut",
    (error: { code?: string }) => error.code,
  );
const heldNow = async () => {
  const { coordinator } = study.members;
  return (await withActor(coordinator, (tx) => listHeld(tx, coordinator))).filter(({ decided }) => decided === null);
};
const looks = (instanceId: string) =>
  admin`select sha256, waits, looked_at is not null as looked, method, letters, attempts from image_look where instance_id = ${instanceId} order by asked_at`;

test("an image waits until it was looked at: its coordinators know of it, and nobody is shown, cuts or exports it; without letters it is there for everybody then", async () => {
  const instanceId = await bring({}, phantom);
  expect(await seen("coordinator")).toMatchObject({ shown: 0, held: 0, unlooked: 1 });
  expect((await seen("locating_radiologist")).look).toEqual({ looked: 0, total: 1, waiting: 1, isUnderWay: true });
  expect([await found("locating_radiologist", instanceId), await found("coordinator", instanceId)]).toEqual([
    "not_found",
    "held",
  ]);
  expect(await cut(instanceId)).toBe("not_found");
  const exported = async () => {
    const importer = { ...study.members.coordinator, role: "importer" as const, membershipId: null };
    const [subject] = await admin`select id, number from subject where study_id = ${study.studyId}`;
    return JSON.stringify(
      await withActor(importer, (tx) =>
        imagesOfSubject(tx, importer, { subjectId: subject?.id as string } as Parameters<typeof imagesOfSubject>[2]),
      ),
    );
  };
  const [file] = await admin`select sha256 from image_instance where id = ${instanceId}`;
  expect(await exported()).not.toContain(file?.sha256);

  await lookAt();
  expect(await seen("locating_radiologist")).toMatchObject({ shown: 1, held: 0, unlooked: 0, look: null });
  expect(await found("locating_radiologist", instanceId)).toBe("shown");
  expect(await exported(), "control").toContain(file?.sha256);
  expect(await cut(instanceId), "control").toBe("cut");
  expect(await looks(instanceId)).toMatchObject([
    { looked: true, letters: [], method: expect.stringMatching(/^pp-ocr-v4 /) },
  ]);
});

test("letters in an ordinary image are found, Chinese ones too: it is held with their boxes, and what they say stands nowhere", async () => {
  const latin = await bring({}, await withLetters(name));
  const other = await bring({}, await withLetters(chinese));
  const clean = await bring({}, phantom);
  await lookAt();
  const held = await heldNow();
  expect(held.map(({ instanceId, reasons }) => [instanceId, reasons])).toEqual([
    [latin, ["letters_seen"]],
    [other, ["letters_seen"]],
  ]);
  const [box] = held[0]?.boxes ?? [];
  const [left, top, width, height] = box ?? [0, 0, 0, 0];
  expect(left).toBeLessThan(20);
  expect([top, top + height].every((edge) => edge >= 0 && edge < 0.2 * phantom.height)).toBe(true);
  expect(width).toBeGreaterThan(60);
  expect([await found("locating_radiologist", latin), await found("locating_radiologist", clean)]).toEqual([
    "not_found",
    "shown",
  ]);
  expect(await seen("coordinator")).toMatchObject({ shown: 1, held: 2, unlooked: 0 });
  expect((await seen("coordinator")).uploads.map(({ lettersSeen, notLookedAt }) => [lettersSeen, notLookedAt])).toEqual(
    [
      [0, 0],
      [1, 0],
      [1, 0],
    ],
  );
  const [stored] = await admin<{ text: string }[]>`
    select string_agg(t, ' ') as text from (select to_jsonb(l)::text as t from image_look l union all select to_jsonb(h)::text from image_hold h
      union all select to_jsonb(e)::text from audit_event e union all select to_jsonb(c)::text from audit_change c where table_name like 'image%') x`;
  for (const part of ["MUSTER", "ERIKA", "1961", "张", "伟"]) expect(stored?.text).not.toContain(part);
  expect(stored?.text, "control").toContain("letters_seen");
  const events = await admin`
    select role, entity_id, detail from audit_event where study_id = ${study.studyId} and action = 'image.held' order by id`;
  expect(events).toEqual(
    [latin, other].map((entity_id) => ({ role: "nw_worker", entity_id, detail: { reasons: ["letters_seen"] } })),
  );
});

test("every frame is looked at", async () => {
  const instanceId = await bring({}, phantom, phantom, await withLetters(name));
  await lookAt();
  const [look] = await looks(instanceId);
  expect(look?.letters).toMatchObject([{ frame: 3 }]);
  expect((await heldNow()).map((each) => each.instanceId)).toEqual([instanceId]);
});

test("a file in which letters were blacked out is looked at again while it is in use: what is left is held once more, and what somebody found to name nobody is not", async () => {
  const { coordinator } = study.members;
  const instanceId = await bring({}, await withLetters(name, mark));
  await lookAt();
  const [held] = await heldNow();
  expect(held?.boxes).toHaveLength(2);
  const upper = held?.boxes.filter(([, top]) => top < 100) ?? [];
  await blackOutImage(coordinator, { instanceId, boxes: upper, reason: "A name at the top" });
  expect(await found("locating_radiologist", instanceId)).toBe("shown");
  expect((await seen("locating_radiologist")).look).toMatchObject({ looked: 0, total: 1, waiting: 0 });

  await lookAt();
  expect(await found("locating_radiologist", instanceId)).toBe("not_found");
  const [again] = await heldNow();
  expect(again).toMatchObject({ instanceId, reasons: ["letters_seen"] });
  expect(again?.boxes.map(([, top]) => top > 100)).toEqual([true]);
  await withActor(coordinator, (tx) =>
    decideHold(tx, coordinator, { instanceId, decision: "cleared", reason: "The name of the ward" }),
  );
  expect(await found("locating_radiologist", instanceId)).toBe("shown");

  // Somebody finds more, and has that blacked out: the letters that were cleared are in the next file, too.
  await admin`insert into image_hold (study_id, instance_id, reason, boxes) values (${study.studyId}, ${instanceId}, 'burned_in_flag', '[]')`;
  await blackOutImage(coordinator, { instanceId, boxes: [[100, 100, 5, 5]], reason: "A scar" });
  await lookAt();
  const rows = await looks(instanceId);
  expect(rows.map(({ waits, looked }) => [waits, looked])).toEqual([
    [true, true],
    [false, true],
    [false, true],
  ]);
  expect(rows[2]?.letters, "control").toHaveLength(1);
  expect(await heldNow()).toEqual([]);
  expect(await found("locating_radiologist", instanceId)).toBe("shown");
});

test("a person who looked first has looked: the image waits no longer, and the worker looks no more", async () => {
  const { coordinator } = study.members;
  const instanceId = await bring({}, await withLetters(name));
  await admin`insert into image_hold (study_id, instance_id, reason, boxes) values (${study.studyId}, ${instanceId}, 'other_patient', '[]')`;
  const decide = () =>
    withActor(coordinator, (tx) =>
      decideHold(tx, coordinator, { instanceId, decision: "cleared", reason: "Of this one" }),
    );
  await decide();
  expect(await found("locating_radiologist", instanceId), "whose it is says nothing of letters").toBe("not_found");
  await admin`insert into image_hold (study_id, instance_id, reason, boxes) values (${study.studyId}, ${instanceId}, 'burned_in_flag', '[]')`;
  await decide();
  expect(await found("locating_radiologist", instanceId)).toBe("shown");
  await lookAt();
  expect(await looks(instanceId)).toMatchObject([{ looked: false, attempts: 0 }]);
  expect(await heldNow()).toEqual([]);
});

test("pixels that cannot be read are held as such, and so is what was begun three times and never ended", async () => {
  const damaged = await take(
    compressedSlice(
      { transferSyntax: "1.2.840.10008.1.2.4.90", fragments: [new Uint8Array(64)] },
      { SOPInstanceUID: `1.2.3.${++images}`, PatientID: "", PatientName: "" },
    ),
  );
  const deadly = await bring({ series: "1.2.4" }, phantom);
  await admin`update image_look set attempts = 3, taken_at = now() - interval '1 minute' where instance_id = ${deadly}`;
  await lookAt();
  expect((await heldNow()).map(({ instanceId, reasons }) => [instanceId, reasons])).toEqual(
    expect.arrayContaining([
      [damaged, ["not_looked_at"]],
      [deadly, ["not_looked_at"]],
    ]),
  );
  expect(await found("locating_radiologist", deadly)).toBe("not_found");
});

test("where the store is away no image is held for it, and no attempt counts; a file that is gone from a store that is there is", async () => {
  await checkStore();
  const instanceId = await bring({}, phantom);
  const { NODEWISE_STORE: place } = process.env;
  try {
    process.env.NODEWISE_STORE = mkdtempSync(join(tmpdir(), "nodewise-not-mounted-"));
    await expect(lookAt()).rejects.toThrow();
  } finally {
    process.env.NODEWISE_STORE = place;
  }
  expect(await looks(instanceId)).toMatchObject([{ looked: false, attempts: 0 }]);
  expect(await heldNow()).toEqual([]);

  const [look] = await looks(instanceId);
  await store.delete(look?.sha256);
  await lookAt();
  expect(
    (await heldNow()).map(({ reasons }) => reasons),
    "control",
  ).toEqual([["not_looked_at"]]);
});

test("an attempt is given back by who made it, and by nobody whom another followed", async () => {
  const instanceId = await bring({}, phantom);
  const first = await asWorker(workers, takeLook);
  if (!first) throw new Error("there is nothing to take");
  await admin`update image_look set taken_at = now() - interval '20 seconds' where instance_id = ${instanceId}`;
  const second = await asWorker(workers, takeLook);
  if (!second) throw new Error("nothing is silent");
  await asWorker(workers, () => giveLookBack(first));
  expect(await looks(instanceId)).toMatchObject([{ attempts: 2 }]);
  await asWorker(workers, () => giveLookBack(second));
  expect(await looks(instanceId)).toMatchObject([{ attempts: 1 }]);
  expect(await asWorker(workers, takeLook), "at once").toMatchObject({ instanceId, attempts: 2 });
});

/** What a worker says of the file of an image that it has seen in it. */
const note = async (instanceId: string, boxes: [number, number, number, number][], file?: string) => {
  const [look] = await looks(instanceId);
  const letters = boxes.map((box, at) => ({ frame: at + 1, box, confidence: 0.9876543212345678 }));
  const of = { studyId: study.studyId, instanceId, sha256: file ?? look?.sha256, attempts: 1 };
  return asWorker(workers, () => noteLook(of, { method: "by hand", letters }));
};

test("an image of a thousand frames with letters all over is held with boxes that can be blacked out", async () => {
  const instanceId = await bring({}, phantom);
  const everywhere = Array.from(
    { length: 6000 },
    (_, at): [number, number, number, number] =>
      [...[20 * (at % 80), 20 * Math.floor(at / 80)], ...[10, 10 + (at % 3)]] as [number, number, number, number],
  );
  expect(await note(instanceId, everywhere)).toBe("letters_seen");
  expect((await heldNow()).map(({ boxes }) => boxes)).toEqual([[[0, 0, 1590, 1492]]]);
  const [look] = await looks(instanceId);
  expect(look?.letters).toHaveLength(4000);

  const moving = await bring({}, phantom);
  await note(
    moving,
    Array.from({ length: 1500 }, (_, at) => [10 + (at % 7), 8, 80 + (at % 11), 14]),
  );
  expect((await heldNow()).find((each) => each.instanceId === moving)?.boxes).toHaveLength(1);
});

test("new letters beside such as somebody cleared are held, though both are one box", async () => {
  const { coordinator } = study.members;
  const instanceId = await bring({}, phantom);
  await note(instanceId, [[10, 10, 100, 20]]);
  await withActor(coordinator, (tx) =>
    decideHold(tx, coordinator, { instanceId, decision: "cleared", reason: "The name of the ward" }),
  );
  const next = async (digit: string) => {
    const file = digit.repeat(64);
    await admin`insert into image_look (instance_id, study_id, sha256, waits) values (${instanceId}, ${study.studyId}, ${file}, false)`;
    return file;
  };
  expect(await note(instanceId, [[11, 10, 99, 20]], await next("a")), "control").toBeNull();
  const file = await next("b");
  expect(
    await note(
      instanceId,
      [
        [10, 10, 100, 20],
        [111, 10, 20, 20],
      ],
      file,
    ),
  ).toBe("letters_seen");
  expect((await heldNow()).map(({ boxes }) => boxes)).toEqual([[[10, 10, 121, 20]]]);
});

test("of a subject who withdrew while somebody looked nothing is written", async () => {
  const { coordinator } = study.members;
  const instanceId = await bring({}, phantom);
  const other = await addSubject();
  const kept = await bring({ of: other.number, series: "1.2.8" }, phantom);
  await withdrawConsent(coordinator, { number, withdrawnOn: "2026-02-01", scope: "no_further_use" });
  await withdrawConsent(coordinator, { number: other.number, withdrawnOn: "2026-02-01", scope: "keep" });
  expect(await note(instanceId, [[10, 10, 100, 20]])).toBeNull();
  expect(await looks(instanceId)).toMatchObject([{ looked: false }]);
  expect(await note(kept, [[10, 10, 100, 20]]), "control").toBe("letters_seen");
  const held =
    await admin`select entity_id from audit_event where study_id = ${study.studyId} and action = 'image.held'`;
  expect(held).toEqual([{ entity_id: kept }]);
});

test("of a locked study no look is under way, and nobody is told that one is awaited", async () => {
  await bring({}, phantom);
  expect((await seen("coordinator")).look, "control").toMatchObject({ total: 1 });
  const [before] = await admin`select state from study where id = ${study.studyId}`;
  const become = (state: string) =>
    admin.begin(async (run) => {
      await run`set local session_replication_role = replica`;
      await run`update study set state = ${state}::study_state where id = ${study.studyId}`;
    });
  await become("locked");
  try {
    expect((await seen("coordinator")).look).toBeNull();
    expect(await asWorker(workers, takeLook)).toBeNull();
  } finally {
    await become(before?.state);
  }
  expect(await asWorker(workers, takeLook), "control").not.toBeNull();
});

test("a crop of an image that was held while it was cut is not kept", async () => {
  const instanceId = await bring({}, phantom);
  await note(instanceId, []);
  const { coordinator } = study.members;
  let cutting: Promise<unknown> = Promise.resolve();
  await withActor(coordinator, async (tx) => {
    await hold(tx, "a held image", instanceId);
    cutting = cut(instanceId);
    await until(
      "the wait",
      async () => (await admin`select 1 from pg_locks where locktype = 'advisory' and not granted`).length > 0,
      20,
    );
    await admin`insert into image_hold (study_id, instance_id, reason, boxes) values (${study.studyId}, ${instanceId}, 'burned_in_flag', '[]')`;
  });
  expect(await cutting).toBe("conflict");
  const crops = () => admin`select 1 from crop where node_id = ${nodeId}`;
  expect(await crops()).toEqual([]);
  await withActor(coordinator, (tx) =>
    decideHold(tx, coordinator, { instanceId, decision: "cleared", reason: "No letters" }),
  );
  expect(await cut(instanceId), "control").toBe("cut");
  expect(await crops()).toHaveLength(1);
});

test("where the protocol does not ask for it no image waits and none is looked at; once it does, those that are there stay in use until letters are seen", async () => {
  study = await makeStudy({ door, ownerUrl: database.owner });
  ({ number, nodeId } = await addSubject());
  const clean = await bring({}, phantom);
  const named = await bring({}, await withLetters(name));
  expect(await found("locating_radiologist", named)).toBe("shown");
  expect(await cut(named)).toBe("cut");
  expect(await asWorker(workers, askForOlderLooks)).toBe(0);
  expect(await looks(clean)).toEqual([]);

  await admin.begin(async (run) => {
    await run`set local session_replication_role = replica`;
    await run`update protocol_version set document = jsonb_set(document, '{imaging,deidentification,cleanPixelData}', 'true') where study_id = ${study.studyId}`;
  });
  expect(await asWorker(workers, askForOlderLooks)).toBe(2);
  expect(await asWorker(workers, askForOlderLooks), "once").toBe(0);
  expect(await found("locating_radiologist", named)).toBe("shown");
  expect((await seen("locating_radiologist")).look).toMatchObject({ looked: 0, total: 2, waiting: 0 });
  await lookAt();
  expect([await found("locating_radiologist", named), await found("locating_radiologist", clean)]).toEqual([
    "not_found",
    "shown",
  ]);
  const [crop] = await admin`select count(*)::int as n from crop where node_id = ${nodeId} and superseded_at is null`;
  expect(crop?.n, "a crop that was cut stays").toBe(1);
});

test("the exam with the fewest images that wait is looked at first, then the oldest; what is in use already comes last", async () => {
  const [first, second] = [await bring({}, phantom), await bring({}, phantom)];
  const other = await addSubject();
  const only = await bring({ of: other.number, series: "1.2.8" }, phantom);
  await admin`update image_look set waits = false where instance_id = ${first}`;
  const third = await bring({ of: number, series: "1.2.9" }, phantom);
  const taken = [];
  for (let at = 0; at < 4; at++) taken.push((await asWorker(workers, takeLook))?.instanceId);
  expect(taken).toEqual([only, second, third, first]);
  expect(await asWorker(workers, takeLook), "somebody is at each").toBeNull();
  await admin`update image_look set taken_at = now() - interval '20 seconds' where instance_id = ${third}`;
  expect(await asWorker(workers, takeLook)).toMatchObject({ instanceId: third, attempts: 2 });
});

test("what was asked for half an hour ago comes before smaller exams that were sent since", async () => {
  const [first, second] = [await bring({}, phantom), await bring({}, phantom)];
  const other = await addSubject();
  const only = await bring({ of: other.number, series: "1.2.8" }, phantom);
  await admin`update image_look set asked_at = now() - interval '31 minutes' where instance_id = ${first}`;
  const taken = [];
  for (let at = 0; at < 3; at++) taken.push((await asWorker(workers, takeLook))?.instanceId);
  expect(taken).toEqual([first, only, second]);
});

test("a worker that is killed loses nothing: the next one looks at what was not recorded, and that none runs is told", async () => {
  const brought = [];
  for (const letters of [true, false, false, true, false, true])
    brought.push(await bring({}, letters ? await withLetters(name) : phantom));
  await admin`update image_look set asked_at = now() - interval '2 minutes', taken_at = null where looked_at is null`;
  await admin`update image_look set taken_at = now() - interval '2 minutes' where taken_at is not null`;
  expect((await seen("coordinator")).look).toMatchObject({ looked: 0, total: 6, isUnderWay: false });
  const looked = async () => {
    const [row] = await admin`
      select count(*) filter (where looked_at is not null)::int as n from image_look where study_id = ${study.studyId}`;
    return row?.n as number;
  };
  startWorker(database.worker);
  await until("two looks", async () => (await looked()) >= 2 && true, 120);
  expect((await seen("coordinator")).look?.isUnderWay ?? true).toBe(true);
  await killed();
  const before = await looked();
  startWorker(database.worker);
  await until("all looks", async () => (await looked()) === 6, 120);
  expect(before).toBeLessThanOrEqual(6);
  expect((await heldNow()).map(({ instanceId }) => instanceId).toSorted()).toEqual(
    [brought[0], brought[3], brought[5]].toSorted(),
  );
  expect(await seen("locating_radiologist")).toMatchObject({ shown: 3, held: 3, unlooked: 0, look: null });
}, 200_000);

test("what was seen is written by the worker and by nobody else", async () => {
  const instanceId = await bring({}, phantom);
  const [{ sha256 } = { sha256: "" }] = await looks(instanceId);
  const note = sql`select nw.note_look(${instanceId}, ${sha256}, 'by hand', '[]'::jsonb, '[]'::jsonb)`;
  const calls = [
    note,
    sql`select nw.take_image_to_look_at(0)`,
    sql`select nw.image_to_look_at(0)`,
    sql`select nw.ask_for_older_looks()`,
  ];
  for (const role of ["coordinator", "locating_radiologist", "reader", "monitor"] as const) {
    for (const call of calls)
      await expect(
        withActor(study.members[role], (tx) => tx.execute(call)),
        role,
      ).rejects.toThrow();
    await expect(
      withActor(study.members[role], (tx) => tx.execute(sql`update image_look set looked_at = now(), letters = '[]'`)),
    ).rejects.toThrow();
  }
  expect(await looks(instanceId)).toMatchObject([{ looked: false }]);
  const worker = { ...signInActor, role: "worker" as const, studyId: study.studyId };
  await asWorker(workers, async () => {
    const { withActor } = await import("@/server/door");
    await withActor(worker, (tx) => tx.execute(note));
  });
  expect(await looks(instanceId), "control").toMatchObject([{ looked: true, method: "by hand" }]);
});
