import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import sharp from "sharp";
import { afterAll, expect, test } from "vitest";
import { drawNode } from "@/core/phantom/node";
import { hold } from "@/db/locks";
import { addNode } from "@/server/services/imaging/add-node";
import { uploadCrop } from "@/server/services/imaging/upload-crop";
import { importCrops } from "@/server/services/import/import-crops";
import { freshDatabase } from "@/tests/support/database";
import { addPatient, makeStudy } from "@/tests/support/study";

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 3, onnotice: () => {} });
afterAll(() => admin.end());
const folder = mkdtempSync(join(tmpdir(), "upload-and-import-"));

/** Until so many sessions wait for a lock. */
const waiting = (sessions: number) =>
  expect
    .poll(
      async () =>
        (
          await admin`select count(*)::int as sessions from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
        )[0]?.sessions,
      { timeout: 20_000 },
    )
    .toBeGreaterThanOrEqual(sessions);

/** Something held until it is let go. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((done) => {
    open = done;
  });
  return { open, opened };
}

const png = (seed: number) => {
  const { pixels, width, height } = drawNode({ seed, plane: "axial", positive: true, shortAxisMm: 5.5 });
  return sharp(pixels, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer();
};
const ended = (deed: Promise<unknown>) =>
  deed.then(
    () => "done",
    (error: Error) => error.message,
  );

test.each([
  { what: "the same picture, of another node", node: "other", seed: 71, uploaded: "done" },
  { what: "another picture, in the same place", node: "same", seed: 72, uploaded: expect.stringContaining("crop") },
] as const)("a crop that is uploaded while an import writes waits for it: $what", async ({ node, seed, uploaded }) => {
  const study = await makeStudy({ door, ownerUrl: database.owner });
  const { locating_radiologist: radiologist, coordinator, principal_investigator: pi } = study.members;
  const patient = { name: "P", shortAxisMm: 5.5, positive: true, seed: 1 };
  const { number, nodeId } = await addPatient(door, study, { ...patient, only: [] });
  const other = await door.withActor(radiologist, (tx) =>
    addNode(tx, radiologist, { number, region: "mesorectal", shortAxisMm: 5.5 }),
  );
  writeFileSync(join(folder, "one.png"), await png(71));
  const manifest = Buffer.from(`subject,node,plane,file\n${number},N1,axial,one.png`);

  const [records, table] = [gate(), gate()];
  const holder = door.withActor(coordinator, async (tx) => {
    await hold(tx, "records of a study", study.studyId);
    await records.opened;
  });
  const importing = ended(importCrops({ ...pi, role: "importer" }, { manifest, folder }));
  await waiting(1);
  // The import is kept where it has its locks and has written nothing.
  const locked = admin.begin(async (run) => {
    await run`lock table specimen in access exclusive mode`;
    await table.opened;
  });
  await expect
    .poll(
      async () =>
        (
          await admin`select 1 from pg_locks l join pg_class c on c.oid = l.relation where c.relname = 'specimen' and l.mode = 'AccessExclusiveLock'`
        ).length,
    )
    .toBe(1);
  records.open();
  await holder;
  await waiting(1);
  const uploading = ended(
    uploadCrop(radiologist, {
      ...{ nodeId: node === "other" ? other.nodeId : nodeId, plane: "axial", replaces: null, name: "x.png" },
      read: () => png(seed),
    }),
  );
  await waiting(2);
  table.open();
  await locked;
  expect(await importing).toBe("done");
  expect(await uploading).toEqual(uploaded);
});
