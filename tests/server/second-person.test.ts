import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { beforeAll, expect, test } from "vitest";
import { commandLineActor, personActor, type StudyActor } from "@/server/door";
import { toAppError } from "@/server/errors";
import { followPasswordLink } from "@/server/services/account/follow-password-link";
import { makePasswordLink } from "@/server/services/account/make-password-link";
import { actInStudy } from "@/server/services/study/act-in-study";
import { addMember } from "@/server/services/study/add-member";
import { commandLinePerson } from "@/server/services/study/command-line-person";
import { confirmMember } from "@/server/services/study/confirm-member";
import { endMember } from "@/server/services/study/end-member";
import { listMembers } from "@/server/services/study/list-members";
import { listStudies } from "@/server/services/study/list-studies";
import { listWaitingRoles } from "@/server/services/study/list-waiting-roles";
import { membershipOf } from "@/server/services/study/membership-of";
import { studyAsCommandLine } from "@/server/services/study/study-as-command-line";
import { freshDatabase } from "@/tests/support/database";
import { type MadeStudy, makeStudy } from "@/tests/support/study";

const { withActor, door, owner: ownerUrl } = await freshDatabase();

let study: MadeStudy;
beforeAll(async () => {
  study = await makeStudy({ door, ownerUrl });
});

/** Somebody new in a role; what the page of members says of it to each who opens that page. */
async function added(by: StudyActor, role: "pathologist" | "locating_radiologist") {
  const email = `${randomUUID()}@example.org`;
  await withActor(by, (tx) =>
    addMember(tx, by, { email, name: "Somebody new", role, readerCode: null, passwordHash: "x" }),
  );
  const { membershipId } = await withActor(by, (tx) => membershipOf(tx, by, { email, role }));
  const shownTo = async (actor: StudyActor) => {
    const members = await withActor(actor, (tx) => listMembers(tx, actor));
    return members.find(({ id }) => id === membershipId);
  };
  const [person] = await withActor(by, (tx) =>
    tx.execute<{ id: string }>(sql`select person_id as id from membership where id = ${membershipId}`),
  );
  return { email, membershipId, personId: String(person?.id), shownTo };
}

/** What the person sees at home: the studies that open, and the roles that wait. */
async function homeOf(personId: string) {
  return withActor(personActor(personId), async (tx) => ({
    open: (await listStudies(tx, { personId })).map(({ roles }) => roles),
    waiting: (await listWaitingRoles(tx, { personId })).map(({ role }) => role),
  }));
}

const open = (personId: string) =>
  actInStudy({ personId, slug: study.slug, action: "pathology.view", locale: "en" }).then(
    ({ actor }) => actor.role,
    (error) => toAppError(error)?.code,
  );

test("a pathologist waits for a second person, who is told who gave the role, and who the second person may be", async () => {
  const { administrator, principal_investigator: pi } = study.members;
  const { membershipId, personId, shownTo } = await added(administrator, "pathologist");
  expect(await homeOf(personId)).toEqual({ open: [], waiting: ["pathologist"] });
  expect(await open(personId)).toBe("not_found");
  expect(await shownTo(administrator)).toMatchObject({
    waits: true,
    givenBy: "administrator",
    obstacle: { key: "errors.database.confirmed_by_its_giver" },
  });
  expect(await shownTo(pi)).toMatchObject({ waits: true, givenBy: "administrator", obstacle: null });

  const confirm = (actor: StudyActor) =>
    withActor(actor, (tx) => confirmMember(tx, actor, { membershipId })).catch((error) => {
      throw toAppError(error);
    });
  await expect(confirm(administrator)).rejects.toMatchObject({
    code: "forbidden",
    message: expect.stringMatching(/waits for a second person: another administrator .* or the operator/),
  });
  await confirm(pi);
  expect(await shownTo(administrator)).toMatchObject({ waits: false, obstacle: null });
  expect(await homeOf(personId)).toEqual({ open: [["pathologist"]], waiting: [] });
  expect(await open(personId)).toBe("pathologist");
});

test("a role that shows neither truth nor identity waits for nobody", async () => {
  const { administrator } = study.members;
  const { personId, shownTo } = await added(administrator, "locating_radiologist");
  expect(await shownTo(administrator)).toMatchObject({ waits: false });
  expect(await homeOf(personId)).toEqual({ open: [["locating_radiologist"]], waiting: [] });
});

test("the operator of the server confirms by address and role, and nothing of what is not there", async () => {
  const { administrator } = study.members;
  const { email, personId } = await added(administrator, "pathologist");
  const { actor } = await studyAsCommandLine(study.slug);
  const confirm = (role: "pathologist" | "monitor", address = email) =>
    withActor(actor, async (tx) => confirmMember(tx, actor, await membershipOf(tx, actor, { email: address, role })));
  await expect(confirm("monitor")).rejects.toMatchObject({ code: "not_found", said: { key: "errors.role_not_held" } });
  await expect(confirm("pathologist", "nobody@example.org")).rejects.toMatchObject({
    said: { key: "errors.account_unknown" },
  });
  expect(await open(personId)).toBe("not_found");
  await confirm("pathologist");
  expect(await open(personId)).toBe("pathologist");
});

test("a role that ended before it was confirmed is not confirmed any more", async () => {
  const { administrator, principal_investigator: pi } = study.members;
  const { membershipId, personId } = await added(administrator, "pathologist");
  await withActor(administrator, (tx) => endMember(tx, administrator, { membershipId }));
  await expect(withActor(pi, (tx) => confirmMember(tx, pi, { membershipId }))).rejects.toMatchObject({
    code: "not_found",
    said: { key: "errors.membership_ended" },
  });
  expect(await homeOf(personId)).toEqual({ open: [], waiting: [] });
});

test("an account of another study is refused by name and day of its maker, and taken in once its person followed a link", async () => {
  const elsewhere = (await makeStudy({ door, ownerUrl })).members.principal_investigator;
  const { principal_investigator: pi } = study.members;
  const email = `${randomUUID()}@example.org`;
  const add = (actor: StudyActor) =>
    withActor(actor, (tx) =>
      addMember(tx, actor, {
        email,
        name: "Somebody",
        role: "locating_radiologist",
        readerCode: null,
        passwordHash: "x",
      }),
    ).catch((error) => {
      throw toAppError(error);
    });
  await expect(add(elsewhere)).resolves.toEqual({ created: true });
  const day = new Date().toISOString().slice(0, 10);
  await expect(add(pi)).rejects.toMatchObject({
    code: "forbidden",
    message: expect.stringContaining(
      `This account was made by principal_investigator on ${day}, who may know its password.`,
    ),
  });
  const { link } = await makePasswordLink(
    { ...commandLineActor, personId: await commandLinePerson() },
    { email, locale: "en" },
  );
  await followPasswordLink({ secret: String(link?.split("#")[1]), password: "a password of one's own" });
  await expect(add(pi)).resolves.toEqual({ created: false });
});
