import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ReadDisplay } from "@/core/reading/display";
import { submitReadInput } from "@/server/schemas/reading";
import { correctRead } from "@/server/services/reading/correct-read";
import { openCase } from "@/server/services/reading/open-case";
import { submitRead } from "@/server/services/reading/submit-read";
import { freshDatabase } from "@/tests/support/database";
import { addPatient, draw, type MadeStudy, makeStudy, noSign, readOf } from "@/tests/support/study";

/*
 * How a case was looked at, which stands with its read.
 */

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

let study: MadeStudy;
beforeAll(async () => {
  study = await makeStudy({ door, ownerUrl: database.owner });
  for (const seed of [1, 2]) await addPatient(door, study, { name: `P${seed}`, shortAxisMm: 6, positive: false, seed });
  await draw(door, study);
});

const display: ReadDisplay = {
  zoom: 2,
  kernel: "nearest",
  window: { width: 128, level: 96 },
  inverted: true,
  hidden: 1,
  screen: { width: 1440, height: 900 },
  pixelRatio: 125,
  pointer: "mouse",
};

const caseInHand = async (turn: "current" | "previous" = "current") => {
  const found = await openCase(study.members.reader, turn);
  if (!found) throw new Error("no case is open");
  return found.slotId;
};
const storedOf = async (slotId: string) =>
  (await admin`select display from read where slot_id = ${slotId} order by submitted_at`).map((row) => row.display);

test("is stored with a read and with its correction, each with its own; a read without it is stored, too", async () => {
  const { reader } = study.members;
  const first = await caseInHand();
  await door.withActor(reader, (tx) => submitRead(tx, reader, readOf(first, { display })));
  await caseInHand("previous");
  const asStored = { ...display, window: null, inverted: false, pointer: null };
  await door.withActor(reader, (tx) =>
    correctRead(tx, reader, { ...readOf(first, { display: asStored }), reason: "Pressed the wrong key" }),
  );
  expect(await storedOf(first)).toEqual([display, asStored]);
  const second = await caseInHand();
  await door.withActor(reader, (tx) => submitRead(tx, reader, readOf(second)));
  expect(await storedOf(second)).toEqual([null]);
});

const malformed: [name: string, display: unknown][] = [
  ["none of its kind", "x"],
  ["one key less", { ...display, pointer: undefined }],
  ["one more", { ...display, note: "the node of Mrs. Li" }],
  ["one more in the window", { ...display, window: { width: 128, level: 96, note: 1 } }],
  ["another kernel", { ...display, kernel: "cubic" }],
  ["a window wider than there is", { ...display, window: { width: 512, level: 96 } }],
  ["a window without a width", { ...display, window: { width: 0, level: 96 } }],
  ["a level above white", { ...display, window: { width: 128, level: 256 } }],
  ["half a grey level", { ...display, window: { width: 128.5, level: 96 } }],
  ["a zoom between the steps", { ...display, zoom: 2.5 }],
  ["a part of a hundredth", { ...display, pixelRatio: 125.5 }],
  ["a number for yes", { ...display, inverted: 1 }],
  ["less than no time out of sight", { ...display, hidden: -1 }],
  ["a screen of nothing", { ...display, screen: { width: 0, height: 900 } }],
  ["another pointer", { ...display, pointer: "foot" }],
];

test("is refused at the door and by the database where it is malformed, and nothing is stored", async () => {
  const { reader } = study.members;
  const slotId = await caseInHand();
  const byDoor = (given: unknown) => submitReadInput.safeParse({ ...readOf(slotId), display: given }).success;
  const bySql = (given: string | null) =>
    door.withActor(reader, (tx) =>
      tx.execute(
        sql`select nw.submit_read(${slotId}::uuid, ${randomUUID()}::uuid, ${noSign}, null, null, ${given}::text::jsonb) as answer`,
      ),
    );
  for (const [name, given] of malformed) {
    expect(byDoor(given), name).toBe(false);
    await expect(bySql(JSON.stringify(given)), name).rejects.toMatchObject({ constraint: "document_is_unreadable" });
  }
  const long = JSON.stringify(display).replace('"pixelRatio":125', `"pixelRatio":125.${"0".repeat(600)}`);
  await expect(bySql(long), "a number that is a letter").rejects.toMatchObject({ code: "23514" });
  await expect(bySql("null")).rejects.toThrow();
  expect(await storedOf(slotId)).toEqual([]);
  expect(byDoor(display), "control").toBe(true);
  expect([...(await bySql(JSON.stringify(display)))], "control").toEqual([{ answer: "accepted" }]);
  expect(await storedOf(slotId)).toEqual([display]);
});

test("is of reads that were made here alone, and no reader reads it back", async () => {
  const { reader } = study.members;
  const importedInstead = (where: postgres.PendingQuery<postgres.Row[]>) =>
    admin.begin(async (past) => {
      await past`set local session_replication_role = replica`;
      return (await past`update read set source = 'imported' where ${where} returning 1`).length;
    });
  await expect(importedInstead(admin`display is not null`)).rejects.toMatchObject({ code: "23514" });
  expect(await importedInstead(admin`display is null`), "control").toBe(1);
  for (const what of [sql`select display from read`, sql`select display from nw.current_read`])
    await expect(door.withActor(reader, (tx) => tx.execute(what))).rejects.toMatchObject({ code: "42501" });
});
