import postgres from "postgres";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { env } from "@/server/env";
import { listProgress } from "@/server/services/reading/list-progress";
import { remindReader } from "@/server/services/reading/remind-reader";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { freshDatabase } from "@/tests/support/database";
import { type MailServer, mailServer } from "@/tests/support/mail-server";
import { outcomeOf } from "@/tests/support/outcome";
import { addPatient, draw, type MadeStudy, makeStudy, readCases } from "@/tests/support/study";

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
let mail: MailServer;
beforeAll(async () => {
  mail = await mailServer();
});
afterAll(async () => {
  mail.close();
  await admin.end();
});
const settings = env();
const { SMTP_URL, MAIL_FROM } = settings;
afterEach(() => Object.assign(settings, { SMTP_URL, MAIL_FROM }));
const withMail = () => Object.assign(settings, { SMTP_URL: mail.url, MAIL_FROM: "nodewise@example.org" });

/** Two patients, so six cases, read in two conditions with a wash-out of 28 days between them. */
async function studyThatReads() {
  const { source } = await shippedProtocol("demonstration");
  const study = await makeStudy({
    door,
    ownerUrl: database.owner,
    source: source.replace("shows: [size], washOutDays: 0", "shows: [size], washOutDays: 28"),
  });
  for (const seed of [1, 2])
    await addPatient(door, study, { name: `Patient ${seed}`, shortAxisMm: 4 + seed, positive: seed === 2, seed });
  await draw(door, study);
  return study;
}

const listsOf = async (study: MadeStudy, readerCode: string, actor: StudyActor = study.members.coordinator) =>
  (await door.withActor(actor, (tx) => listProgress(tx, actor))).lists.filter((list) => list.readerCode === readerCode);

const outcome = outcomeOf(door);
const reminder =
  (study: MadeStudy, actor: StudyActor, readerCode = "R2") =>
  (tx: Tx) =>
    remindReader(tx, actor, { readerCode, study: { slug: study.slug, name: "Nodes & co" }, locale: "en" });
const remind = (study: MadeStudy, actor: StudyActor, readerCode?: string) =>
  door.withActor(actor, reminder(study, actor, readerCode));
const emailOf = async ({ personId }: StudyActor) => {
  const [person] = await admin`select email from person where id = ${personId}`;
  return String(person?.email);
};
/** As if what happened in a study until now had happened some days earlier. */
const daysLater = (study: MadeStudy, days: number) =>
  admin.begin(async (run) => {
    await run`set local session_replication_role = replica`;
    const earlier = run`- make_interval(days => ${days})`;
    await run`update reading_list set drawn_at = drawn_at ${earlier} where study_id = ${study.studyId}`;
    await run`update reading_progress set submitted_at = submitted_at ${earlier} where study_id = ${study.studyId}`;
    await run`update reading_reminder set reminded_at = reminded_at ${earlier} where study_id = ${study.studyId}`;
  });

test("whoever follows the readers sees which list is open, waits or is in its wash-out, and when it opens", async () => {
  const study = await studyThatReads();
  const { reader } = study.members;
  expect((await listsOf(study, "R2")).map(({ state }) => state)).toEqual(["open", "waiting"]);
  await readCases(door, reader, 6);
  const [first, second] = await listsOf(study, "R2");
  expect(first).toMatchObject({ state: "complete", opensAt: null, quietDays: null, doneAbout: null });
  expect(second).toMatchObject({ state: "wash-out", quietDays: null });
  const read = first?.lastSubmittedAt?.getTime() ?? 0;
  expect(second?.opensAt?.getTime()).toBeCloseTo(read + 28 * 86_400_000, -4);
  expect(
    (await listsOf(study, "R3")).map(({ state }) => state),
    "another reader's lists are another's",
  ).toEqual(["open", "waiting"]);
  for (const role of ["principal_investigator", "monitor"] as const)
    expect(await listsOf(study, "R2", study.members[role]), role).toEqual([first, second]);
  for (const role of ["reader", "pathologist", "locating_radiologist", "data_scientist"] as const)
    expect(await outcome(study.members[role], (tx) => listProgress(tx, study.members[role])), role).toBe("42501");
});

test("a list is quiet from the day it could be read, and its pace is that of the last seven days", async () => {
  const study = await studyThatReads();
  await readCases(door, study.members.reader, 2);
  const [begun] = await listsOf(study, "R2");
  expect(begun).toMatchObject({ done: 2, total: 6, lastWeek: 2, quietDays: 0 });
  const daysLeft = async () => (((await listsOf(study, "R2"))[0]?.doneAbout?.getTime() ?? 0) - Date.now()) / 86_400_000;
  // Four are left, two were read today, and it opened today.
  expect(await daysLeft()).toBeCloseTo(2, 1);
  await daysLater(study, 5);
  expect(await daysLeft(), "two in five days").toBeCloseTo(10, 1);
  await daysLater(study, 4);
  const [quiet, later] = await listsOf(study, "R2");
  expect(quiet).toMatchObject({ lastWeek: 0, quietDays: 9, doneAbout: null });
  expect(later).toMatchObject({ state: "waiting", quietDays: null });
  await admin`update membership set ended_at = now() where id = ${study.members.reader.membershipId}`;
  expect((await listsOf(study, "R2"))[0], "who left reads no more").toMatchObject({ quietDays: null });
  expect((await listsOf(study, "R3"))[0], "of one that was never begun, since it was drawn").toMatchObject({
    quietDays: 9,
    lastWeek: 0,
  });
});

test("a reader is reminded by mail of how many cases are open, once a day, whoever asks and however many at once", async () => {
  const study = await studyThatReads();
  const { coordinator, principal_investigator, reader, monitor } = study.members;
  await readCases(door, reader, 2);
  withMail();
  const before = mail.letters.length;
  const three = await Promise.all(
    [coordinator, principal_investigator, coordinator].map((who) => outcome(who, reminder(study, who))),
  );
  expect(three.sort()).toEqual(["conflict", "conflict", "done"]);
  const [letter = "", ...more] = mail.letters.slice(before);
  expect(more).toEqual([]);
  expect(letter).toContain(`To: ${await emailOf(reader)}`);
  expect(letter.replaceAll("=\r\n", "")).toContain(`/studies/${study.slug}/reading`);
  expect(letter).toContain("4 cases");
  expect(letter, "nothing of a case, nor who else reads").not.toMatch(/R3|Patient|mm|Cohort/);
  await expect(remind(study, coordinator)).rejects.toMatchObject({ said: { key: "errors.reminded_already" } });
  await daysLater(study, 1);
  await remind(study, coordinator);
  const events = await admin`
    select entity_id, detail from audit_event where study_id = ${study.studyId} and action = 'reader.reminded'`;
  expect(events).toEqual([1, 2].map(() => ({ entity_id: "R2", detail: { cases: 4 } })));
  expect(await outcome(monitor, reminder(study, monitor)), "a monitor looks, and sends nothing").toMatch(/42501/);
});

test("what was not sent is not recorded: no mail server, one that is away, nothing open", async () => {
  const study = await studyThatReads();
  const { coordinator, reader } = study.members;
  Object.assign(settings, { SMTP_URL: undefined });
  await expect(remind(study, coordinator)).rejects.toMatchObject({ said: { key: "errors.no_mail_server" } });
  Object.assign(settings, { SMTP_URL: "smtp://127.0.0.1:9", MAIL_FROM: "nodewise@example.org" });
  await expect(remind(study, coordinator)).rejects.toMatchObject({ said: { key: "errors.mail_not_sent" } });
  withMail();
  await readCases(door, reader, 6);
  await expect(remind(study, coordinator)).rejects.toMatchObject({ said: { key: "errors.nothing_open" } });
  await expect(remind(study, coordinator, "R9")).rejects.toMatchObject({ said: { key: "errors.nothing_open" } });
  expect(await admin`select from reading_reminder where study_id = ${study.studyId}`).toHaveLength(0);
  await remind(study, coordinator, "R3");
  expect(await admin`select from reading_reminder where study_id = ${study.studyId}`).toHaveLength(1);
});
