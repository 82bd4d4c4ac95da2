import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DisplayCheckResult } from "@/core/reading/display-check";
import type { StudyActor } from "@/server/door";
import { displayCheckDue } from "@/server/services/reading/display-check-due";
import { followingCase } from "@/server/services/reading/following-case";
import { listDisplayChecks } from "@/server/services/reading/list-display-checks";
import { noteDisplayCheck } from "@/server/services/reading/note-display-check";
import { openCase } from "@/server/services/reading/open-case";
import { submitRead } from "@/server/services/reading/submit-read";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { freshDatabase } from "@/tests/support/database";
import { outcomeOf } from "@/tests/support/outcome";
import { addPatient, draw, type MadeStudy, makeStudy, readOf } from "@/tests/support/study";

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());
const outcome = outcomeOf(door);

async function studyThatAsks(displayCheck: string | null) {
  const { source } = await shippedProtocol("demonstration");
  const study = await makeStudy({
    door,
    ownerUrl: database.owner,
    source: displayCheck ? source.replace("case: image", `case: image, displayCheck: ${displayCheck}`) : source,
  });
  await addPatient(door, study, { name: "Patient 1", shortAxisMm: 5, positive: true, seed: 1 });
  await draw(door, study);
  return study;
}
const good: DisplayCheckResult = { dark: 2, bright: 2, width: 1920, height: 1080, pixelRatio: 100 };
const due = (reader: StudyActor) => door.withActor(reader, (tx) => displayCheckDue(tx));
/** As if every check so far had been so many hours earlier. */
const hoursLater = (study: MadeStudy, hours: number) =>
  admin.begin(async (run) => {
    await run`set local session_replication_role = replica`;
    await run`update display_check set checked_at = checked_at - make_interval(hours => ${hours}) where study_id = ${study.studyId}`;
  });
const note = async (reader: StudyActor, result: DisplayCheckResult) =>
  (await door.withActor(reader, (tx) => noteDisplayCheck(tx, result))).passed;

describe("where the protocol asks for it, a screen", () => {
  let study: MadeStudy;
  beforeAll(async () => {
    study = await studyThatAsks("{ minWidth: 1280, minHeight: 720 }");
  });

  test("is checked before a case is opened: until it passed none is, and nothing is noted as shown", async () => {
    const { reader } = study.members;
    expect(await due(reader)).toEqual({ minWidth: 1280, minHeight: 720 });
    await expect(openCase(reader)).rejects.toMatchObject({ constraint: "display_check_due" });
    for (const bad of [{ dark: 1 }, { bright: 0 }, { width: 1279 }, { height: 719 }])
      expect(await note(reader, { ...good, ...bad }), JSON.stringify(bad)).toBe(false);
    await expect(openCase(reader)).rejects.toMatchObject({ constraint: "display_check_due" });
    expect(await admin`select from reading_view where study_id = ${study.studyId}`).toHaveLength(0);
    expect(await note(reader, good)).toBe(true);
    expect(await due(reader)).toBeNull();
    expect(await openCase(reader)).toMatchObject({ position: 1 });
  });

  test("counts for twelve hours, for its reader alone; a read that was begun meanwhile is stored", async () => {
    const { reader, reader2 } = study.members;
    await expect(openCase(reader2)).rejects.toMatchObject({ constraint: "display_check_due" });
    const inHand = await openCase(reader);
    await hoursLater(study, 11);
    expect(await due(reader)).toBeNull();
    await hoursLater(study, 1);
    expect(await due(reader)).not.toBeNull();
    await door.withActor(reader, (tx) => submitRead(tx, reader, readOf(inHand?.slotId ?? "")));
    const [stored] = await admin`select count(*)::int from read where slot_id = ${inHand?.slotId ?? null}`;
    expect(stored?.count).toBe(1);
    expect(await followingCase(reader, { listDone: false }), "and what follows is opened after a check").toBeNull();
    const views = () => admin`select from reading_view where study_id = ${study.studyId}`;
    expect(await views(), "nor noted as shown").toHaveLength(1);
    await expect(openCase(reader, "previous")).rejects.toMatchObject({ constraint: "display_check_due" });
    expect(await note(reader, good)).toBe(true);
    const next = await openCase(reader);
    expect(next?.position).toBe(2);
    await hoursLater(study, 12);
    const [handed] = await door.withActor(reader, (tx) =>
      tx.execute(sql`select count(*)::int as n from nw.current_case()`),
    );
    expect(handed, "nor what was noted a day ago").toEqual({ n: 0 });
  });

  test("is told to whoever follows the readers, passed or not, and noted by readers alone", async () => {
    const { coordinator, reader, pathologist } = study.members;
    const checks = await door.withActor(coordinator, (tx) => listDisplayChecks(tx, coordinator));
    expect(checks.map(({ readerCode, passed }) => [readerCode, passed])).toEqual([
      ["R2", true],
      ["R2", true],
      ...[1, 2, 3, 4].map(() => ["R2", false]),
    ]);
    for (const actor of [coordinator, pathologist])
      expect(await outcome(actor, (tx) => noteDisplayCheck(tx, good)), actor.role).toBe("42501");
    expect(
      await outcome(
        reader,
        sql`insert into display_check (study_id, membership_id, dark, bright, width, height, pixel_ratio, passed)
      values (${study.studyId}, ${reader.membershipId}, 2, 2, 1920, 1080, 100, true)`,
      ),
    ).toBe("42501");
    expect(await outcome(reader, sql`select * from display_check`)).toBe("42501");
  });
});

test("where the protocol does not ask, nobody's screen is checked", async () => {
  const { members } = await studyThatAsks(null);
  expect(await due(members.reader)).toBeNull();
  expect(await outcome(members.reader, (tx) => noteDisplayCheck(tx, good))).toBe("NW006");
  expect(await openCase(members.reader)).toMatchObject({ position: 1 });
});
