import { createDecipheriv, randomUUID } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCaller } from "@/server/api/root";
import type { StudyActor } from "@/server/door";
import type { ReadingCase } from "@/server/schemas/reading";
import { remeasureNode } from "@/server/services/imaging/remeasure-node";
import { caseAhead } from "@/server/services/reading/case-ahead";
import { openCase } from "@/server/services/reading/open-case";
import { submitRead } from "@/server/services/reading/submit-read";
import { withImages } from "@/server/services/reading/with-images";
import { freshDatabase } from "@/tests/support/database";
import { addPatient, draw, type MadeStudy, makeStudy, readCases, readOf } from "@/tests/support/study";

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

let study: MadeStudy;
const reader = (): StudyActor => study.members.reader;
const patients = 3;
beforeAll(async () => {
  study = await makeStudy({ door, ownerUrl: database.owner });
  for (let i = 1; i <= patients; i++)
    await addPatient(door, study, { name: `Patient ${i}`, shortAxisMm: 2 + 2 * i, positive: i % 2 === 0, seed: i });
  await draw(door, study);
});

const inHand = async (who = reader()) => {
  const found = await openCase(who);
  if (!found) throw new Error("no case is open");
  return found;
};
const bring = async (slotId: string, who = reader()) => {
  const sealed = await caseAhead(who, slotId);
  if (!sealed) throw new Error("nothing came ahead");
  return sealed;
};
const nonceOf = (sealed: Buffer) => sealed.subarray(0, 12).toString("hex");
/** As the browser does. @throws where the key is that of something else */
function unsealed(sealed: Buffer, key: string): ReadingCase["crops"] {
  const decipher = createDecipheriv("aes-256-gcm", Buffer.from(key, "base64"), sealed.subarray(0, 12));
  decipher.setAuthTag(sealed.subarray(-16));
  return JSON.parse(`${decipher.update(sealed.subarray(12, -16)).toString()}${decipher.final().toString()}`);
}
const submit = (slotId: string) => door.withActor(reader(), (tx) => submitRead(tx, reader(), readOf(slotId)));
/** The answer to a read whose next case lies in the browser. */
const answerWith = async (nonce: string) => {
  const answer = await withImages(await inHand(), nonce);
  if (!answer?.key) throw new Error("no key came");
  return { ...answer, key: answer.key };
};

describe("the case after the one in hand", () => {
  test("comes ahead sealed, and opens with the key that comes with the answer to the read, to the images that would have come with it", async () => {
    const { slotId } = await inHand();
    const sealed = await bring(slotId);
    await submit(slotId);
    const answer = await answerWith(nonceOf(sealed));
    expect(answer.crops).toEqual([]);
    const images = unsealed(sealed, answer.key);
    expect(images).toEqual((await withImages(await inHand()))?.crops);
    expect(images[0]?.image, "control: a picture").toMatch(/^iVBOR/);
  });

  test("is opened by the key of no other case, of no other nonce and of no other reader", async () => {
    const { slotId } = await inHand();
    const [sealed, again] = [await bring(slotId), await bring(slotId)];
    expect(nonceOf(again)).not.toBe(nonceOf(sealed));
    const keyOf = async (nonce: string, who = reader()) => (await withImages(await inHand(who), nonce))?.key ?? "";
    // Of the case in hand: all that can be asked for before it is read.
    const early = await keyOf(nonceOf(sealed));
    expect(() => unsealed(sealed, early)).toThrow();
    const others = await keyOf(nonceOf(sealed), study.members.reader2);
    expect(() => unsealed(sealed, others)).toThrow();
    await submit(slotId);
    const ofAgain = await keyOf(nonceOf(again));
    expect(() => unsealed(sealed, ofAgain)).toThrow();
    expect(unsealed(again, ofAgain), "control").toHaveLength(1);
  });

  test("is not noted as shown when it comes ahead, but when its key is given", async () => {
    const { slotId } = await inHand();
    const views = async () => Number((await admin`select count(*) from reading_view`)[0]?.count);
    const before = await views();
    const sealed = await bring(slotId);
    expect(await views()).toBe(before);
    await submit(slotId);
    await answerWith(nonceOf(sealed));
    expect(await views()).toBe(before + 1);
  });

  test("stays closed when it would be shown otherwise by then, and comes with the next answer", async () => {
    // Where sizes are shown, a size that is measured again is one.
    while ((await inHand()).condition.shows.length === 0) await readCases(door, reader(), 1);
    const { slotId } = await inHand();
    const sealed = await bring(slotId);
    const [next] = await admin<{ node_id: string }[]>`
      select k.node_id from reading_slot s join reading_slot n on n.list_id = s.list_id and n.position = s.position + 1 join reading_case k on k.id = n.case_id where s.id = ${slotId}`;
    const radiologist = study.members.locating_radiologist;
    await door.withActor(radiologist, (tx) =>
      remeasureNode(tx, radiologist, { nodeId: String(next?.node_id), shortAxisMm: 8.5 }),
    );
    // What is in hand may be of the same node.
    const { slotId: now } = await inHand();
    expect(now).toBe(slotId);
    await submit(slotId);
    const { key } = await answerWith(nonceOf(sealed));
    expect(() => unsealed(sealed, key)).toThrow();
    expect((await withImages(await inHand()))?.crops[0]?.image, "control: without it the images come").toMatch(
      /^iVBOR/,
    );
  });

  test("comes to nobody who has not the one before it in hand, and there is none after the last", async () => {
    const { slotId } = await inHand();
    expect(await bring(slotId), "control").toBeInstanceOf(Buffer);
    const [foreign] = await admin<{ id: string }[]>`
      select s.id from reading_slot s join reading_list l on l.id = s.list_id where l.membership_id = ${study.members.reader2.membershipId} order by s.position desc limit 1`;
    expect(await caseAhead(reader(), String(foreign?.id))).toBeNull();
    expect(await caseAhead(study.members.reader2, slotId)).toBeNull();
    for (let current = await openCase(reader()); current; current = await openCase(reader())) {
      const ahead = await caseAhead(reader(), current.slotId);
      expect(ahead === null, `${current.position} of ${current.total}`).toBe(current.position === current.total);
      await submit(current.slotId);
    }
  });
});

test("what is sealed tells nothing by its length, and is not compressible: of a list all are of one length, however large the images", async () => {
  const other = await makeStudy({ door, ownerUrl: database.owner });
  for (let i = 1; i <= 4; i++)
    await addPatient(door, other, {
      name: `Patient ${i}`,
      shortAxisMm: 2 * i,
      positive: true,
      seed: i,
      only: ["axial"],
    });
  await draw(door, other);
  const who = other.members.reader;
  const seen: { condition: string; sealed: number | null; image: number }[] = [];
  for (let current = await openCase(who); current; current = await openCase(who)) {
    const shown = await withImages(current);
    const ahead = await caseAhead(who, current.slotId);
    if (ahead) expect(deflateRawSync(ahead).length).toBeGreaterThanOrEqual(ahead.length);
    seen.push({
      condition: current.condition.key,
      sealed: ahead?.length ?? null,
      image: shown?.crops[0]?.image.length ?? 0,
    });
    await door.withActor(who, (tx) => submitRead(tx, who, readOf(current.slotId)));
  }
  for (const key of ["cohort-1", "cohort-2"]) {
    const lengths = seen.flatMap(({ condition, sealed }) => (condition === key && sealed !== null ? [sealed] : []));
    expect(lengths).toHaveLength(3);
    expect(new Set(lengths).size, key).toBe(1);
  }
  const shown = seen.filter(({ condition }) => condition === "cohort-2");
  expect(new Set(shown.map(({ image }) => image)).size, "control: the files differ").toBeGreaterThan(1);
});

test("is asked for by the server alone: under its role, with the claim of a reader or none, nothing comes", async () => {
  const other = await makeStudy({ door, ownerUrl: database.owner });
  await addPatient(door, other, { name: "Patient", shortAxisMm: 5, positive: true, seed: 1 });
  await draw(door, other);
  const who = other.members.reader;
  const found = await openCase(who);
  const ask = sql`select * from nw.case_ahead(${found?.slotId}::uuid)`;
  const outcome = (run: Promise<unknown>) =>
    run.then(
      (rows) => rows,
      (error: { code?: string }) => error.code,
    );
  expect(await outcome(door.withActor(who, (tx) => tx.execute(ask)))).toBe("42501");
  const byHand = door.withActor(who, async (tx) => {
    await tx.execute(sql`set local role nw_sealer`);
    return [...(await tx.execute(ask))];
  });
  expect(await outcome(byHand)).toEqual([]);
  expect(
    await door.withActor({ ...who, role: "sealer" }, (tx) => tx.execute(ask)),
    "control: with the server's own claim",
  ).toHaveLength(1);
});

test("a page is answered for its own reader alone, whoever is signed in by now", async () => {
  const other = await makeStudy({ door, ownerUrl: database.owner });
  await addPatient(door, other, { name: "Patient", shortAxisMm: 5, positive: true, seed: 1 });
  await draw(door, other);
  const person = {
    ...{ sessionId: randomUUID(), personId: other.members.reader.personId, email: "r2@example.org", name: "R2" },
    ...{ mayCreateStudies: false, administersAccounts: false, mustChangePassword: false },
  };
  const { reading } = createCaller({ person, locale: "en" });
  const of = (reader: string) => ({ study: other.slug, reader });
  const refused = { cause: { code: "not_signed_in" } };
  await expect(reading.open(of("r3@example.org"))).rejects.toMatchObject(refused);
  const found = await reading.open(of(person.email));
  expect(found?.position, "control").toBe(1);
  const read = readOf(String(found?.slotId));
  await expect(reading.submit({ ...of("r3@example.org"), ...read })).rejects.toMatchObject(refused);
  expect((await reading.submit({ ...of(person.email), ...read }))?.position, "control").toBe(2);
});
