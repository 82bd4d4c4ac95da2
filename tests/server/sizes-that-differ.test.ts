import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, expect, test } from "vitest";
import { sizesInWords, withSizes } from "@/core/reading/sizes-shown";
import { sayIn } from "@/core/words";
import type { StudyActor } from "@/server/door";
import { withdrawConsent } from "@/server/services/enrolment/withdraw-consent";
import { remeasureNode } from "@/server/services/imaging/remeasure-node";
import { lockStudy } from "@/server/services/lock/lock-study";
import { closeReading } from "@/server/services/reading/close-reading";
import { openCase } from "@/server/services/reading/open-case";
import { sizesThatDiffer } from "@/server/services/reading/sizes-that-differ";
import { freshDatabase } from "@/tests/support/database";
import { protocolThatReads } from "@/tests/support/practice";
import { addPatient, draw, makeStudy, readCases, report } from "@/tests/support/study";

const { door, owner, admin: adminUrl } = await freshDatabase();
const admin = postgres(adminUrl, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());
const study = await makeStudy({ door, ownerUrl: owner });
const { principal_investigator: pi, locating_radiologist: radiologist, data_scientist: scientist } = study.members;
const { reader: r2, reader2: r3, coordinator } = study.members;

const named = (actor: StudyActor) => door.withActor(actor, (tx) => sizesThatDiffer(tx, actor));
const measure = (nodeId: string, shortAxisMm: number) =>
  door.withActor(radiologist, (tx) => remeasureNode(tx, radiologist, { nodeId, shortAxisMm }));
/** All 9 images of a condition. */
const readCondition = async (reader: StudyActor) => expect(await readCases(door, reader, 9)).toHaveLength(9);

// OHIF/Viewers#5928: a size that changes while it is on the screen.
test("readers who judged the same cases by different sizes are named with the node, and with the sizes once the database is locked", async () => {
  const patients = [];
  for (let seed = 1; seed <= 3; seed++)
    patients.push(await addPatient(door, study, { name: `Patient ${seed}`, shortAxisMm: 6, positive: false, seed }));
  for (const { nodeId } of patients) await report(door, study, nodeId, "negative");
  const [between, before] = patients;
  if (!between || !before) throw new Error("the study has fewer patients");
  await draw(door, study);
  // Where the size is hidden it does not matter, and what was measured anew before anybody read it was shown alike to all.
  await readCondition(r2);
  await measure(before.nodeId, 7.5);
  await readCondition(r3);

  await readCondition(r2);
  expect(await named(pi)).toEqual([]);
  await measure(between.nodeId, 8);
  expect(await named(pi), "nobody was shown the new size yet").toEqual([]);
  // Told case by case, it would be the order of the one who reads: not before every list of the condition is read, nor as if the rest were closed.
  for (let read = 1; read < 9; read++) {
    expect(await readCases(door, r3, 1)).toHaveLength(1);
    expect(await named(pi)).toEqual([]);
  }
  const undone = new Error("undone");
  await expect(
    door.withActor(pi, async (tx) => {
      await tx.execute(
        sql`insert into reading_closure (list_id, study_id, reason) select id, study_id, 'Ends here' from reading_list`,
      );
      expect([...(await tx.execute(sql`select * from nw.sizes_that_differ()`))]).toEqual([]);
      throw undone;
    }),
  ).rejects.toBe(undone);
  expect(await readCases(door, r3, 1)).toHaveLength(1);
  const cohort = { key: "cohort-2", label: "Cohort 2" };
  const about = { subject: between.number, node: "N1", condition: cohort, cases: 3 };
  const hidden = ["R2", "R3"].map((reader) => ({ reader, shortAxisMm: null }));
  expect(await named(pi)).toEqual([{ ...about, shown: hidden }]);
  expect(await named(scientist), "reads open with the lock").toEqual([]);
  for (const other of [coordinator, radiologist, r2])
    await expect(
      door.withActor(other, (tx) => tx.execute(sql`select * from nw.sizes_that_differ()`)),
    ).rejects.toMatchObject({ code: "42501" });

  await door.withActor(pi, (tx) => lockStudy(tx, pi, {}));
  const shown = [
    { reader: "R2", shortAxisMm: 6 },
    { reader: "R3", shortAxisMm: 8 },
  ];
  for (const actor of [pi, scientist]) expect(await named(actor)).toEqual([{ ...about, shown }]);
  const [found] = await named({ ...pi, locale: "zh" });
  if (!found) throw new Error("it is not named");
  expect(sayIn("en")(sizesInWords({ ...about, shown }))).toBe(
    `subject ${between.number} node N1, Cohort 2, 3 cases: R2 6 mm, R3 8 mm`,
  );
  expect(sayIn("zh")(sizesInWords(found))).toBe(
    `受试者 ${between.number} 淋巴结 N1，第二轮阅片，3 个病例：R2 6 mm、R3 8 mm`,
  );

  // What the subject withdrew is in no figure any more, and needs no caution.
  await withdrawConsent(coordinator, { number: between.number, withdrawnOn: "2026-02-01", scope: "no_further_use" });
  expect(await named(pi)).toEqual([]);
});

test("a file has the caution in the rows of those readers in that condition, and no such column where there is none", () => {
  const rows = [
    { reader: "R2", condition: "cohort-1" },
    { reader: "R2", condition: "cohort-2" },
    { reader: "R4", condition: "cohort-2" },
    { reader: "network", condition: null },
  ];
  const condition = { key: "cohort-2", label: "Cohort 2" };
  const shown = [
    { reader: "R2", shortAxisMm: 6 },
    { reader: "R3", shortAxisMm: 8 },
  ];
  const sizes = [{ subject: "P-1", node: "N1", condition, cases: 1, shown }];
  expect(withSizes(rows, sizes).map((row) => ("sizesDiffer" in row ? row.sizesDiffer : undefined))).toEqual([
    "",
    "subject P-1 node N1, Cohort 2, 1 case: R2 6 mm, R3 8 mm",
    "",
    "",
  ]);
  expect(withSizes(rows, [])).toEqual(rows);
});

test("a size that changed between a read and its hidden repeat is no size by which the case was judged; control: the reader was shown both", async () => {
  const once = await makeStudy({
    ...{ door, ownerUrl: owner },
    source: await protocolThatReads("repeats: { cases: 1, apart: 1, conditions: [cohort-2] }"),
  });
  const { principal_investigator: investigator, locating_radiologist: locating, reader } = once.members;
  const { nodeId } = await addPatient(door, once, { name: "Patient 1", shortAxisMm: 6, positive: false, seed: 1 });
  await report(door, once, nodeId, "negative");
  await draw(door, once);
  expect(await readCases(door, reader, 3)).toHaveLength(3);
  const slots = await admin`
    select s.id, s.case_id, s.occasion from reading_slot s join reading_list l on l.id = s.list_id join membership m on m.id = l.membership_id
     where m.id = ${reader.membershipId} and l.condition_key = 'cohort-2' order by s.position`;
  const repeat = slots.find(({ occasion }) => occasion === 2);
  const first = slots.findIndex(({ case_id }) => case_id === repeat?.case_id);
  const shown = [];
  for (const [at, slot] of slots.entries()) {
    const found = await openCase(reader);
    expect(found?.slotId).toBe(slot.id);
    if (slot.case_id === repeat?.case_id) shown.push(found?.shortAxisMm);
    await readCases(door, reader, 1);
    if (at === first) await door.withActor(locating, (tx) => remeasureNode(tx, locating, { nodeId, shortAxisMm: 8 }));
  }
  expect(shown).toEqual([6, 8]);
  await door.withActor(investigator, (tx) => closeReading(tx, investigator, { readerCode: "R3", reason: "Has left" }));
  await door.withActor(investigator, (tx) => lockStudy(tx, investigator, { reason: "Enough" }));
  expect(await door.withActor(investigator, (tx) => sizesThatDiffer(tx, investigator))).toEqual([]);
});
