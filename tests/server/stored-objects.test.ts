import { createHmac, randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { type SQL, sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeEach, expect, test } from "vitest";
import type { Actor, Tx } from "@/db/actor";
import { crop, cropCanvas } from "@/db/schema";
import { env } from "@/server/env";
import { withdrawConsent } from "@/server/services/enrolment/withdraw-consent";
import { canvasOf } from "@/server/services/imaging/canvas-of";
import { findImage } from "@/server/services/imaging/find-image";
import { noteStored } from "@/server/services/imaging/note-stored";
import { noteStoring } from "@/server/services/imaging/note-storing";
import { readImage } from "@/server/services/imaging/read-image";
import { storeFiles } from "@/server/services/imaging/store-files";
import { sha256 } from "@/server/sha256";
import { store } from "@/server/store";
import { freshDatabase } from "@/tests/support/database";
import { addNamedCrop } from "@/tests/support/named-crop";
import { addPatient, type MadeStudy, makeStudy } from "@/tests/support/study";

/*
 * Somebody of one study who knows the hash of a file of another, which the trail has and readers are told of what they are shown, and who would like to see that
 * file, or to delete it, with SQL of their own.
 */

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

let theirs: MadeStudy;
let ours: MadeStudy;
/** Of a crop of theirs. */
let hash: string;
let patient: { number: string; nodeId: string };
let seed = 0;
beforeEach(async () => {
  theirs = await makeStudy({ door, ownerUrl: database.owner });
  ours = await makeStudy({ door, ownerUrl: database.owner });
  const other = await addPatient(door, theirs, { name: "Theirs", shortAxisMm: 6, positive: true, seed: ++seed });
  patient = await addPatient(door, ours, { name: "Ours", shortAxisMm: 7, positive: false, seed: ++seed, only: [] });
  const [crop] = await admin<{ sha256: string }[]>`select sha256 from crop where node_id = ${other.nodeId} limit 1`;
  hash = crop?.sha256 ?? "";
});

const outcome = (actor: Actor, deed: SQL | ((tx: Tx) => Promise<unknown>)): Promise<string> =>
  door
    .withActor(actor, async (tx) => void (await (typeof deed === "function" ? deed(tx) : tx.execute(deed))))
    .then(
      () => "done",
      (error: { code?: string; constraint?: string }) => error.constraint ?? error.code ?? String(error),
    );
const cropOf = (sha256: string, originalSha256: string | null = null) => {
  const sixteen = { originalSha256, bitDepth: 16, windowLow: 0, windowHigh: 9, windowRule: "pixel-range" } as const;
  return (tx: Tx) =>
    addNamedCrop(tx, { studyId: ours.studyId, nodeId: patient.nodeId, sha256, ...(originalSha256 ? sixteen : {}) });
};
const signedFor = (text: string) => createHmac("sha256", env().NODEWISE_ACTOR_SECRET).update(text).digest("hex");
const note = (sha256: string, signature: string | null) =>
  sql`select nw.note_stored(${JSON.stringify([{ sha256, media_type: "image/png", bytes: 1, signature }])}::jsonb)`;

test("a file becomes one of a study by its bytes, which the server stored and signs for that study, and never by its hash", async () => {
  const { locating_radiologist: radiologist } = ours.members;
  const named = sql`insert into stored_object (study_id, sha256, media_type, bytes) values (${ours.studyId}, ${hash}, 'image/png', 1)`;
  for (const actor of Object.values(ours.members)) expect(await outcome(actor, named)).toBe("42501");
  expect(await outcome({ ...radiologist, role: "importer" }, named)).toBe("42501");
  for (const signature of [
    null,
    "",
    "0".repeat(64),
    signedFor(`stored_object|${theirs.studyId}|${hash}`),
    signedFor(`stored_object|${ours.studyId}|${"0".repeat(64)}`),
    signedFor(hash),
  ])
    expect(await outcome(radiologist, note(hash, signature)), String(signature)).toBe("file_was_not_stored");
  expect(await outcome(radiologist, cropOf(hash))).toBe("crop_of_file");

  const own = await store.put(Buffer.from(`bytes ${randomUUID()}`));
  expect(await outcome(radiologist, cropOf(own.sha256)), "stored, and not yet for this study").toBe("crop_of_file");
  const signature = signedFor(`stored_object|${ours.studyId}|${own.sha256}`);
  for (const role of ["reader", "monitor", "pathologist", "data_scientist", "principal_investigator"] as const)
    expect(await outcome(ours.members[role], note(own.sha256, signature)), role).toBe("42501");
  expect(await outcome(radiologist, note(own.sha256, signature))).toBe("done");
  expect(await outcome(radiologist, cropOf(own.sha256, hash))).toBe("crop_of_original_file");
  expect(await outcome(radiologist, cropOf(own.sha256))).toBe("done");
  await door.withActor(radiologist, (tx) => findImage(tx, radiologist, { sha256: own.sha256 }));
});

test("the same bytes stored for two studies are a file of each", async () => {
  const { locating_radiologist: radiologist } = ours.members;
  const file = await store.put(await readImage(hash));
  await door.withActor(radiologist, (tx) => noteStored(tx, ours, [{ ...file, mediaType: "image/png" }]));
  expect(await outcome(radiologist, cropOf(hash))).toBe("done");
});

test("an image is drawn for readers as it comes, by the server, which vouches for it: no other file is named in its place, then or later", async () => {
  const { locating_radiologist: radiologist } = ours.members;
  const files = await Promise.all([0, 1].map(() => store.put(Buffer.from(`drawn ${randomUUID()}`))));
  const [image = "", another = ""] = files.map(({ sha256 }) => sha256);
  await door.withActor(radiologist, (tx) =>
    noteStored(
      tx,
      ours,
      files.map((file) => ({ ...file, mediaType: "image/png" })),
    ),
  );
  const row = { studyId: ours.studyId, nodeId: patient.nodeId, plane: "axial", sha256: image, pixelSha256: "p" };
  const facts = { originalSha256: null, bitDepth: null, windowLow: null, windowHigh: null, windowRule: null };
  const described = { ...facts, ...row, signature: null, width: 9, height: 9, canvasSha256: image };
  const both = (canvas: (id: string) => Partial<typeof cropCanvas.$inferInsert>) => async (tx: Tx) => {
    const id = randomUUID();
    await tx.insert(crop).values({ ...row, id, width: 9, height: 9 });
    await tx.insert(cropCanvas).values({ ...canvasOf({ id, studyId: ours.studyId }, described), ...canvas(id) });
  };
  const forged: Record<string, (id: string) => Partial<typeof cropCanvas.$inferInsert>> = {
    "another file": () => ({ sha256: another }),
    "no voucher": () => ({ voucher: null }),
    "another rendering": () => ({ rendering: "as-it-is" }),
    "the voucher of another study": (id) => ({
      voucher: canvasOf({ id, studyId: theirs.studyId }, described).voucher,
    }),
    "the voucher of a larger picture": (id) => ({
      voucher: canvasOf({ id, studyId: ours.studyId }, { ...described, width: 10 }).voucher,
    }),
    "the voucher of other pixels": (id) => ({
      voucher: canvasOf({ id, studyId: ours.studyId }, { ...described, pixelSha256: "q" }).voucher,
    }),
  };
  for (const actor of [radiologist, { ...radiologist, role: "importer" } as const]) {
    for (const [how, canvas] of Object.entries(forged))
      expect(await outcome(actor, both(canvas)), `${how}, ${actor.role}`).toBe("canvas_was_not_drawn");
    const alone = (tx: Tx) => tx.insert(crop).values({ ...row, width: 9, height: 9 });
    expect(await outcome(actor, alone), `none, ${actor.role}`).toBe("canvas_was_not_drawn");
    const bare = async (tx: Tx) => {
      await alone(tx);
      await tx.execute(sql`select set_config('nodewise.actor', '', true)`);
    };
    expect(await outcome(actor, bare), `none, and no claim any more, ${actor.role}`).toMatch(
      /^(42501|canvas_was_not_drawn)$/,
    );
  }
  // Control: as it was drawn it comes in, and then nothing is named beside it.
  expect(
    await outcome(
      radiologist,
      both(() => ({})),
    ),
  ).toBe("done");
  const [added] = await admin`select id from crop where node_id = ${patient.nodeId} and plane = 'axial'`;
  const later = (tx: Tx) =>
    tx.insert(cropCanvas).values({
      ...canvasOf({ id: added?.id, studyId: ours.studyId }, { ...described, canvasSha256: another }),
      rendering: "later",
    });
  for (const actor of [...Object.values(ours.members), { ...radiologist, role: "importer" } as const])
    expect(await outcome(actor, later), actor.role).toBe("42501");
  expect([...(await admin`select sha256 from crop_canvas where crop_id = ${added?.id}`)]).toEqual([{ sha256: image }]);
});

test("with a subject goes no file that anything else names, of whatever study", async () => {
  const { locating_radiologist: radiologist, data_scientist: scientist } = ours.members;
  const by = scientist.personId;
  const files = await Promise.all(
    ["alone", "stored", "result", "model", "checkpoint"].map((name) =>
      store.put(Buffer.from(`${name} ${randomUUID()}`)),
    ),
  );
  const [alone, stored, result, model, checkpoint] = files.map(({ sha256 }) => sha256);
  await door.withActor(radiologist, (tx) =>
    noteStored(
      tx,
      ours,
      files.map((file) => ({ ...file, mediaType: "image/png" })),
    ),
  );
  for (const { sha256 } of files) expect(await outcome(radiologist, cropOf(sha256))).toBe("done");
  // What names the same files in the other study.
  const of = theirs.studyId;
  const [snapshot, run, task] = [randomUUID(), randomUUID(), randomUUID()];
  await admin.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`insert into stored_object (study_id, sha256, media_type) values (${of}, ${stored ?? ""}, 'image/png')`;
    await tx`insert into stored_object (study_id, sha256, media_type) values (${of}, ${result ?? ""}, 'image/png')`;
    await tx`insert into dataset_snapshot (id, study_id, split_unit, folds, seed, sha256, created_by) values (${snapshot}, ${of}, 'patient', 2, 1, 's', ${by})`;
    await tx`insert into model_run (id, study_id, snapshot_id, config) values (${run}, ${of}, ${snapshot}, '{}')`;
    await tx`insert into run_task (id, study_id, run_id, kind, result_sha256) values (${task}, ${of}, ${run}, 'export', ${result ?? ""})`;
    await tx`insert into run_fold (run_id, study_id, fold, epochs, chosen_epoch, threshold, training_images, tuning_images, model_sha256)
      values (${run}, ${of}, 0, 1, 1, 0.5, 1, 1, ${model ?? ""})`;
    await tx`insert into checkpoint (study_id, run_id, fold, epoch, sha256) values (${of}, ${run}, 0, 1, ${checkpoint ?? ""})`;
  });
  const { coordinator } = ours.members;
  const withdrawn = { number: patient.number, withdrawnOn: "2026-02-01", scope: "destroy" } as const;
  expect(await withdrawConsent(coordinator, withdrawn)).toEqual({ deleted: 1 });
  expect(await Promise.all([alone, stored, result, model, checkpoint].map((each) => store.has(each ?? "")))).toEqual([
    false,
    true,
    true,
    true,
    true,
  ]);
});

test("a file that is stored once more, for somebody else, while it goes with a subject is there afterwards, whichever comes first", async () => {
  const { coordinator, locating_radiologist: radiologist } = ours.members;
  const forget = (number: string) =>
    withdrawConsent(coordinator, { number, withdrawnOn: "2026-02-01", scope: "destroy" });
  /** Stores bytes and names them for the node of a patient; what comes between has to end, or to wait. */
  const upload = async (nodeId: string, png: Uint8Array, between: () => Promise<unknown> = async () => {}) => {
    const files = [{ sha256: sha256(png), bytes: png }];
    const attempt = await door.withActor(radiologist, (tx) => noteStoring(tx, [sha256(png)]));
    return door.withActor(radiologist, async (tx) => {
      const [file] = await storeFiles(tx, attempt, files);
      if (!file) throw new Error("nothing was stored");
      await between();
      await noteStored(tx, ours, [{ ...file, mediaType: "image/png" }]);
      await addNamedCrop(tx, { studyId: ours.studyId, nodeId, sha256: file.sha256 });
      return file.sha256;
    });
  };
  const of = async (name: string) =>
    addPatient(door, ours, { name, shortAxisMm: 6, positive: true, seed: ++seed, only: [] });
  const stays = await of("Stays");

  for (const order of ["upload first", "at once", "alone"] as const) {
    const [goes, png] = [await of(order), Buffer.from(`${order} ${randomUUID()}`)];
    const stored = await upload(goes.nodeId, png);
    let forgotten: Promise<{ deleted: number }> | undefined;
    if (order === "upload first")
      await upload(stays.nodeId, png, async () => {
        forgotten = forget(goes.number);
        // Long enough to overtake the upload, which has not ended.
        await wait(700);
      });
    if (order === "at once")
      [forgotten] = [forget(goes.number), await Promise.all([1, 2, 3].map(() => upload(stays.nodeId, png)))];
    await (forgotten ?? forget(goes.number));
    expect(await store.has(stored), order).toBe(order !== "alone");
  }
});
