import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import sharp from "sharp";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { drawNode } from "@/core/phantom/node";
import { type Door, openDoor } from "@/db/actor";
import { hold } from "@/db/locks";
import { withdrawConsent } from "@/server/services/enrolment/withdraw-consent";
import { deleteUnnamedFiles } from "@/server/services/imaging/delete-unnamed-files";
import { noteStoring } from "@/server/services/imaging/note-storing";
import { storeFiles } from "@/server/services/imaging/store-files";
import { uploadCrop } from "@/server/services/imaging/upload-crop";
import { sha256 } from "@/server/sha256";
import { store } from "@/server/store";
import { freshDatabase } from "@/tests/support/database";
import { addPatient, type MadeStudy, makeStudy } from "@/tests/support/study";
import { killed, startWorker, until } from "@/tests/support/worker";

/* What an upload leaves in the store that comes to nothing. */

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
const workersDoor = openDoor({ url: database.worker, secret: database.actorSecret, max: 2 });
afterEach(killed);
afterAll(async () => {
  await workersDoor.close();
  await admin.end();
});

/** The worker's own sweep, by its login. */
async function sweep(): Promise<void> {
  const process = globalThis as typeof globalThis & { nodewiseDoor?: Door };
  const before = process.nodewiseDoor;
  process.nodewiseDoor = workersDoor;
  await deleteUnnamedFiles().finally(() => Object.assign(process, { nodewiseDoor: before }));
}
/** As if the time had gone by in which somebody may begin to name what was noted. */
const later = () => admin`update file_being_stored set expires_at = now() - interval '1 second'`;
const noted = async () => (await admin`select sha256 from file_being_stored`).map((row) => String(row.sha256));

let study: MadeStudy;
let patient: { number: string; nodeId: string };
let seed = 0;
beforeEach(async () => {
  study = await makeStudy({ door, ownerUrl: database.owner });
  patient = await of("Alma");
});
const of = (name: string) =>
  addPatient(door, study, { name, shortAxisMm: 6, positive: true, seed: ++seed, only: ["axial"] });

const picture = (of: number): Promise<Buffer> => {
  const { pixels, width, height } = drawNode({ seed: of, plane: "coronal", positive: true, shortAxisMm: 9 });
  return sharp(pixels, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer();
};
const upload = (
  bytes: Uint8Array,
  { nodeId = patient.nodeId, replaces = null as string | null, plane = "coronal" } = {},
) =>
  uploadCrop(study.members.locating_radiologist, {
    nodeId,
    plane,
    replaces,
    name: "coronal.png",
    read: async () => bytes,
  });
const forget = (number = patient.number) =>
  withdrawConsent(study.members.coordinator, { number, withdrawnOn: "2026-02-01", scope: "destroy" });
/** Every file of the store. */
const files = async () =>
  (await readdir(database.store, { recursive: true, withFileTypes: true }))
    .flatMap((entry) => (entry.isFile() ? [entry.name] : []))
    .sort();

test("the crop of a subject who withdrew is neither decoded nor stored", async () => {
  const before = await files();
  await forget();
  const kept = await files();
  expect(kept.length, "what there was of the subject is gone").toBeLessThan(before.length);
  await expect(upload(Buffer.from("no image"))).rejects.toMatchObject({
    code: "conflict",
    said: { key: "errors.database.consent_withdrawn", values: { subject: patient.number } },
  });
  expect(await files()).toEqual(kept);
  // Control: with the consent it is looked at.
  const { nodeId } = await of("Bruno");
  await expect(upload(Buffer.from("no image"), { nodeId })).rejects.toMatchObject({
    said: { key: "errors.image_of_no_kind" },
  });
});

test("of a subject who withdraws while the crop is stored, nothing of it stays", async () => {
  const before = await files();
  let release = () => {};
  const released = new Promise<void>((done) => {
    release = done;
  });
  let held = () => {};
  const isHeld = new Promise<void>((done) => {
    held = done;
  });
  const { locating_radiologist: radiologist } = study.members;
  // The upload has stored, and waits before it names.
  const holding = door.withActor(radiologist, async (tx) => {
    await hold(tx, "records of a node", patient.nodeId);
    held();
    await released;
  });
  await isHeld;
  const refused = expect(upload(await picture(1000 + seed))).rejects.toMatchObject({
    said: { key: "errors.database.consent_withdrawn" },
  });
  for (let i = 0; i < 500 && (await files()).length < before.length + 2; i++) await wait(20);
  await forget();
  release();
  await Promise.all([holding, refused]);
  expect(
    (await files()).filter((name) => !before.includes(name)),
    "control: it was there",
  ).toHaveLength(2);
  await later();
  await sweep();
  expect((await files()).filter((name) => !before.includes(name))).toEqual([]);
  expect(await noted()).toEqual([]);
  expect(await forget()).toMatchObject({ deleted: expect.any(Number) });
});

test("what is refused after it was stored, or was stored by a process that was killed, goes; what is named, or was noted just now, stays", async () => {
  const shown = 2000 + seed;
  const image = await upload(await picture(shown));
  expect(await noted(), "what is named is noted no more").toEqual([]);
  const before = await files();
  expect(before).toContain(image.sha256);

  await expect(upload(await picture(3000 + seed))).rejects.toMatchObject({ said: { key: "errors.crop_changed" } });
  // Of the same picture for somebody else, nothing goes.
  const same = await of("Bruno");
  await upload(await picture(shown), { nodeId: same.nodeId });
  await expect(upload(await picture(shown), { nodeId: patient.nodeId, replaces: randomUUID() })).resolves.toMatchObject(
    { sha256: image.sha256 },
  );
  const { locating_radiologist: radiologist } = study.members;
  const killed = Buffer.from(`killed ${randomUUID()}`);
  await door.withActor(radiologist, (tx) => noteStoring(tx, [sha256(killed), image.sha256]));
  await store.put(killed);
  const all = await files();
  expect(all).toHaveLength(before.length + 2 + 2 + 1);
  await sweep();
  expect(await files(), "not before its time").toEqual(all);

  await later();
  // Somebody else is about to store the same bytes: they stay.
  const attempt = await door.withActor(radiologist, (tx) => noteStoring(tx, [sha256(killed)]));
  await sweep();
  expect(await store.has(sha256(killed))).toBe(true);
  expect(await store.has(image.sha256)).toBe(true);
  expect(await files()).toHaveLength(all.length - 2);
  await later();
  await sweep();
  expect(await store.has(sha256(killed))).toBe(false);
  // Whoever comes too late stores nothing.
  await expect(
    door.withActor(radiologist, (tx) => storeFiles(tx, attempt, [{ sha256: sha256(killed), bytes: killed }])),
  ).rejects.toMatchObject({ code: "unavailable", said: { key: "errors.stored_too_long_ago" } });
  expect(await store.has(sha256(killed))).toBe(false);
});

test("what a transaction is about to name is passed over, however long it takes, and goes when that is rolled back", async () => {
  const { locating_radiologist: radiologist } = study.members;
  const png = Buffer.from(`under way ${randomUUID()}`);
  const file = { sha256: sha256(png), bytes: png };
  const attempt = await door.withActor(radiologist, (tx) => noteStoring(tx, [file.sha256]));
  await later();
  const ended = door.withActor(radiologist, async (tx) => {
    await storeFiles(tx, attempt, [file]);
    await sweep();
    expect(await store.has(file.sha256)).toBe(true);
    throw new Error("the end of the process");
  });
  await expect(ended).rejects.toThrow("the end of the process");
  await sweep();
  expect(await store.has(file.sha256)).toBe(false);
});

test("the worker does so by itself", async () => {
  const { locating_radiologist: radiologist } = study.members;
  const left = Buffer.from(`left ${randomUUID()}`);
  await door.withActor(radiologist, (tx) => noteStoring(tx, [sha256(left)]));
  await store.put(left);
  await later();
  startWorker(database.worker);
  // The note goes with the transaction that took the file away.
  await until("the sweep", async () => !(await store.has(sha256(left))) && !(await noted()).includes(sha256(left)), 60);
}, 90_000);

test("no role of the pages learns by notes what lies in the store, or deletes it", async () => {
  const outcome = (role: keyof MadeStudy["members"], statement: ReturnType<typeof sql>) =>
    door
      .withActor(study.members[role], (tx) => tx.execute(statement))
      .then(
        () => "done",
        (error: { code?: string }) => error.code ?? String(error),
      );
  const note = sql`select nw.note_storing(${randomUUID()}, ${`{${"0".repeat(64)}}`}::text[])`;
  expect(await outcome("locating_radiologist", note)).toBe("done");
  for (const role of ["reader", "monitor", "pathologist", "data_scientist", "principal_investigator"] as const)
    expect(await outcome(role, note), role).toBe("42501");
  for (const role of ["reader", "locating_radiologist", "administrator"] as const)
    for (const asked of [
      sql`select * from nw.take_unnamed_files()`,
      sql`select nw.is_file_named('a')`,
      sql`select * from file_being_stored`,
    ])
      expect(await outcome(role, asked), role).toBe("42501");
});
