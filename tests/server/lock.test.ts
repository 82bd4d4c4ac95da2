import { randomUUID } from "node:crypto";
import { type SQL, sql } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import { type StudyRole, studyRoles, type Tx } from "@/db/actor";
import { personActor, type StudyActor } from "@/server/door";
import { noteStored } from "@/server/services/imaging/note-stored";
import { lockStudy } from "@/server/services/lock/lock-study";
import { makeCases } from "@/server/services/reading/make-cases";
import { commandLinePerson } from "@/server/services/study/command-line-person";
import { createStudy } from "@/server/services/study/create-study";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { studyAsCommandLine } from "@/server/services/study/study-as-command-line";
import { studyCounts } from "@/server/services/study/study-counts";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { freshDatabase } from "@/tests/support/database";
import { addNamedCrop } from "@/tests/support/named-crop";
import { noSign } from "@/tests/support/study";

const { withActor } = await freshDatabase();

/** The ids of a small complete study: one node with three crops, a schedule of one case, a report. */
interface Ids {
  study: string;
  site: string;
  version: string;
  member: string;
  /** The memberships of one person who holds every role but the reader's. */
  roles: Map<string, string>;
  reader: string;
  subject: string;
  node: string;
  crop: string;
  specimen: string;
  list: string;
  slot: string;
}

let importer: StudyActor;
let ids: Ids;
let studies = 0;

const as = (role: StudyRole): StudyActor => ({
  ...importer,
  role,
  siteId: ids.site,
  ...(role === "reader"
    ? { personId: ids.reader, membershipId: ids.member }
    : { membershipId: ids.roles.get(role) ?? null }),
});

beforeEach(async () => {
  const personId = await commandLinePerson();
  const { source } = await shippedProtocol("demonstration");
  studies += 1;
  const name = `Study ${studies}`;
  const { studyId, siteId } = await withActor(personActor(personId), (tx) =>
    createStudy(tx, { personId, name, site: "Here", source }),
  );
  ({ actor: importer } = await studyAsCommandLine(name));
  ids = {
    study: studyId,
    site: siteId,
    version: "",
    member: randomUUID(),
    roles: new Map(),
    reader: randomUUID(),
    subject: randomUUID(),
    node: randomUUID(),
    crop: randomUUID(),
    specimen: randomUUID(),
    list: randomUUID(),
    slot: randomUUID(),
  };
  await withActor(importer, async (tx) => {
    const [version] = await tx.execute<{ id: string }>(sql`select id from protocol_version`);
    ids.version = version?.id ?? "";
    const { reader } = ids;
    await tx.execute(
      sql`insert into person (id, email, name) values (${reader}, ${`${reader}@example.org`}, 'Reader')`,
    );
    await tx.execute(
      sql`insert into membership (id, study_id, person_id, role, reader_code) values (${ids.member}, ${studyId}, ${reader}, 'reader', 'R2')`,
    );
    for (const role of studyRoles.filter((each) => each !== "reader"))
      await tx.execute(
        sql`insert into membership (study_id, person_id, role) values (${studyId}, ${personId}, ${role}::study_role) on conflict do nothing`,
      );
    const roles = await tx.execute<{ id: string; role: string }>(
      sql`select id, role from membership where person_id = ${personId}`,
    );
    for (const { id, role } of roles) ids.roles.set(role, id);
    await tx.execute(
      sql`insert into subject (id, study_id, site_id, number, status) values (${ids.subject}, ${studyId}, ${siteId}, '001', 'enrolled')`,
    );
    await tx.execute(
      sql`insert into node (id, study_id, subject_id, ordinal, label) values (${ids.node}, ${studyId}, ${ids.subject}, 1, 'N1')`,
    );
    for (const [index, plane] of ["axial", "sagittal", "coronal"].entries()) {
      const id = index === 0 ? ids.crop : randomUUID();
      const hash = String(index).repeat(64);
      await noteStored(tx, { studyId }, [{ sha256: hash, mediaType: "image/png", bytes: 1 }]);
      await addNamedCrop(tx, {
        ...{ id, studyId, nodeId: ids.node, plane, sha256: hash, pixelSha256: hash },
        ...{ originalSha256: hash, bitDepth: 8 },
      });
    }
    await tx.execute(
      sql`insert into eligibility_assessment (study_id, subject_id, protocol_version_id, answers, verdict, reasons) values (${studyId}, ${ids.subject}, ${ids.version}, '{}', 'undecided', '[]')`,
    );
    await tx.execute(
      sql`insert into specimen (id, study_id, subject_id, label) values (${ids.specimen}, ${studyId}, ${ids.subject}, 'S1')`,
    );
    await tx.execute(
      sql`insert into pathology_report (study_id, node_id, result) values (${studyId}, ${ids.node}, 'negative')`,
    );
  });
});

/** A write to every clinical table, of every role that may make it while the study runs; `before`: what it comes with then. */
const writes: { table: string; roles: (StudyRole | "importer")[]; statement: () => SQL; before?: () => SQL }[] = [
  {
    table: "subject",
    roles: ["coordinator", "importer"],
    statement: () =>
      sql`insert into subject (study_id, site_id, number) values (${ids.study}, ${ids.site}, ${randomUUID()})`,
  },
  {
    table: "subject (status)",
    roles: ["coordinator", "importer"],
    statement: () => sql`update subject set status = 'eligible' where id = ${ids.subject}`,
  },
  {
    table: "subject_identity",
    roles: ["coordinator"],
    statement: () =>
      sql`insert into subject_identity (subject_id, study_id, name, hospital_number) values (${ids.subject}, ${ids.study}, 'A', 'B')`,
  },
  {
    table: "eligibility_assessment",
    roles: ["coordinator", "importer"],
    statement: () =>
      sql`insert into eligibility_assessment (study_id, subject_id, protocol_version_id, answers, verdict, reasons) values (${ids.study}, ${ids.subject}, ${ids.version}, '{}', 'undecided', '[]')`,
  },
  {
    table: "consent",
    roles: ["coordinator", "importer"],
    statement: () =>
      sql`insert into consent (study_id, subject_id, signed_on, form_version) values (${ids.study}, ${ids.subject}, '2026-01-01', '1')`,
  },
  {
    table: "baseline_value",
    roles: ["coordinator", "importer"],
    statement: () =>
      sql`insert into baseline_value (study_id, subject_id, protocol_version_id, item_key, value) values (${ids.study}, ${ids.subject}, ${ids.version}, 'sex', '"male"')`,
  },
  {
    table: "criterion_evaluation",
    roles: ["coordinator", "importer"],
    before: () =>
      sql`insert into eligibility_assessment (study_id, subject_id, protocol_version_id, answers, verdict, reasons) values (${ids.study}, ${ids.subject}, ${ids.version}, '{}', 'eligible', '[]')`,
    statement: () =>
      sql`insert into criterion_evaluation (assessment_id, study_id, criterion_key, answer, used)
        select id, study_id, ${randomUUID()}, 'met', '[]' from eligibility_assessment where subject_id = ${ids.subject} order by assessed_at desc limit 1`,
  },
  {
    table: "exam",
    roles: ["coordinator", "importer"],
    statement: () =>
      sql`insert into exam (study_id, subject_id, performed_on, scanner) values (${ids.study}, ${ids.subject}, '2026-01-01', '3 T')`,
  },
  {
    table: "node",
    roles: ["locating_radiologist", "importer"],
    statement: () =>
      sql`insert into node (study_id, subject_id, ordinal, label) values (${ids.study}, ${ids.subject}, 2, 'N2')`,
  },
  {
    table: "node_exclusion",
    roles: ["locating_radiologist", "importer"],
    statement: () =>
      sql`insert into node_exclusion (node_id, study_id, reason) values (${ids.node}, ${ids.study}, 'why')`,
  },
  {
    table: "node_size",
    roles: ["locating_radiologist", "importer"],
    statement: () =>
      sql`insert into node_size (study_id, node_id, short_axis_mm) values (${ids.study}, ${ids.node}, 6)`,
  },
  {
    table: "crop",
    roles: ["locating_radiologist", "importer"],
    statement: () =>
      sql`insert into crop (study_id, node_id, plane, sha256, pixel_sha256, width, height, original_sha256, bit_depth) values (${ids.study}, ${ids.node}, 'oblique', ${"0".repeat(64)}, 'a', 1, 1, ${"0".repeat(64)}, 8)`,
  },
  {
    table: "crop (superseded)",
    roles: ["locating_radiologist"],
    statement: () => sql`update crop set superseded_at = now() where id = ${ids.crop}`,
  },
  {
    table: "reading_list",
    roles: ["importer"],
    statement: () =>
      sql`insert into reading_list (study_id, membership_id, protocol_version_id, condition_key, condition_ordinal, shows, wash_out_days, seed, order_sha256) values (${ids.study}, ${ids.member}, ${ids.version}, 'cohort-2', 1, '{size}', 0, 1, 'x')`,
  },
  {
    table: "reading_list (drawn)",
    roles: ["principal_investigator", "coordinator"],
    statement: () => sql`select 1 / nw.draw_list(${ids.member}, 'cohort-1')`,
  },
  {
    table: "reading_slot",
    roles: ["importer"],
    statement: () =>
      sql`insert into reading_slot (study_id, list_id, position, case_id, occasion) values (${ids.study}, ${ids.list}, 2, ${ids.crop}, 2)`,
  },
  {
    table: "read",
    roles: ["importer"],
    statement: () =>
      sql`insert into read (study_id, case_id, reader_code, condition_key, criteria, call, protocol_version_id, source, idempotency_key) values (${ids.study}, ${ids.crop}, 'R3', 'cohort-1', '{}', 'positive', ${ids.version}, 'imported', ${randomUUID()})`,
  },
  {
    table: "read (submitted)",
    roles: ["reader"],
    statement: () => sql`select nw.submit_read(${ids.slot}, ${randomUUID()}, ${noSign})`,
  },
  { table: "reading_view", roles: ["reader"], statement: () => sql`select 1 / nw.open_case('current')::int` },
  {
    table: "specimen",
    roles: ["pathologist", "importer"],
    statement: () =>
      sql`insert into specimen (study_id, subject_id, label) values (${ids.study}, ${ids.subject}, 'S2')`,
  },
  {
    table: "node_match",
    roles: ["pathologist", "importer"],
    statement: () =>
      sql`insert into node_match (study_id, node_id, specimen_id, confidence) values (${ids.study}, ${ids.node}, ${ids.specimen}, 'certain')`,
  },
  {
    table: "pathology_report",
    roles: ["pathologist", "importer"],
    statement: () =>
      sql`insert into pathology_report (study_id, node_id, result, supersedes, reason) select study_id, node_id, 'positive', id, 'why' from pathology_report where node_id = ${ids.node}`,
  },
  {
    table: "reading_closure",
    roles: ["principal_investigator", "coordinator"],
    statement: () =>
      sql`insert into reading_closure (list_id, study_id, reason) values (${ids.list}, ${ids.study}, 'why')`,
  },
  {
    table: "reading_reminder",
    roles: ["principal_investigator", "coordinator"],
    statement: () =>
      sql`insert into reading_reminder (study_id, membership_id) select study_id, membership_id from reading_list where id = ${ids.list}`,
  },
];

const undone = Symbol("undone");

/** Runs a write and takes it back: "written", or the SQLSTATE with which it was refused. */
async function attempt(role: StudyRole | "importer", statement: SQL, before?: SQL): Promise<string> {
  const actor = role === "importer" ? importer : as(role);
  return withActor(actor, async (tx) => {
    if (before) await tx.execute(before);
    const changed = await tx.execute(statement);
    if (changed.count !== 1) throw new Error("changed no row");
    throw undone;
  }).catch((error: unknown) => {
    if (error === undone) return "written";
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  });
}

async function withSchedule(): Promise<void> {
  await withActor(importer, async (tx) => {
    await tx.execute(
      sql`insert into reading_list (id, study_id, membership_id, protocol_version_id, condition_key, condition_ordinal, shows, wash_out_days, seed, order_sha256) values (${ids.list}, ${ids.study}, ${ids.member}, ${ids.version}, 'cohort-1', 0, '{}', 0, 1, 'x')`,
    );
    await makeCases(tx, [[ids.crop]]);
    await tx.execute(
      sql`insert into reading_slot (id, study_id, list_id, position, case_id) values (${ids.slot}, ${ids.study}, ${ids.list}, 1, ${ids.crop})`,
    );
  });
}

describe("after the lock no role changes a clinical table", () => {
  test.each(writes.flatMap(({ roles, ...write }) => roles.map((role) => ({ ...write, role }))))(
    "$table as $role",
    async ({ table, role, statement, before }) => {
      if (table !== "crop (superseded)") await withSchedule();
      if (table === "read (submitted)")
        await withActor(as("reader"), (tx) => tx.execute(sql`select nw.open_case('current')`));
      expect(await attempt(role, statement(), before?.())).toBe("written");
      await withActor(importer, (tx) => lockStudy(tx, importer, { reason: "test" }));
      // A reader's case is closed before the row is tried: there is no current case any more.
      const refused = role === "reader" ? /^(NW006|22012)$/ : /^NW001$/;
      expect(await attempt(role, statement())).toMatch(refused);
    },
  );
});

const counts = (actor: StudyActor) => withActor(actor, (tx) => studyCounts(tx, actor));
const lockAs = (actor: StudyActor, reason?: string) =>
  withActor(actor, (tx) => lockStudy(tx, actor, reason === undefined ? {} : { reason }));

test("a complete study is locked without a reason, once, with its counts and an audit event", async () => {
  const investigator = as("principal_investigator");
  const locked = await lockAs(investigator);
  expect(locked).toMatchObject({ missing: [], counts: { nodes: 1, crops: 3, nodesWithoutPathology: 0 } });
  const seen = await withActor(investigator, async (tx) => ({
    lock: [...(await tx.execute(sql`select reason, counts ->> 'crops' as crops from study_lock`))],
    events: [...(await tx.execute(sql`select action from audit_event where action = 'study.locked'`))],
  }));
  expect(seen).toEqual({ lock: [{ reason: null, crops: "3" }], events: [{ action: "study.locked" }] });
  await expect(lockAs(investigator)).rejects.toMatchObject({ code: "locked" });
});

test("a lock signs the plan that was shown: with the hash of the protocol in the trail, and not once another protocol counts", async () => {
  const investigator = as("principal_investigator");
  const lockWith = (protocolSha256: string) =>
    withActor(investigator, (tx) => lockStudy(tx, investigator, { protocolSha256 }));
  await expect(lockWith("0".repeat(64))).rejects.toMatchObject({
    code: "conflict",
    said: { key: "errors.plan_changed" },
  });
  const { sha256, version } = await withActor(investigator, (tx) => studyProtocol(tx, investigator));
  await expect(lockWith(sha256)).resolves.toMatchObject({ missing: [] });
  const [event] = await withActor(investigator, (tx) =>
    tx.execute(sql`select detail from audit_event where action = 'study.locked'`),
  );
  expect(event?.detail).toMatchObject({ crops: 3, protocolVersion: version, protocolSha256: sha256 });
});

test("an incomplete study is locked only with a reason, and what is missing is named", async () => {
  await withSchedule();
  await withActor(importer, (tx) =>
    tx.execute(
      sql`insert into node (study_id, subject_id, ordinal, label) values (${ids.study}, ${ids.subject}, 2, 'N2')`,
    ),
  );
  const investigator = as("principal_investigator");
  expect((await counts(investigator)).missing).toEqual([
    { key: "nodesLackingCrops", count: 1 },
    { key: "nodesWithoutPathology", count: 1 },
    { key: "cropsUnscheduled", count: 2 },
    { key: "readsOutstanding", count: 1 },
  ]);
  await expect(lockAs(investigator, "  ")).rejects.toMatchObject({
    code: "conflict",
    problems: [
      "1 node lacks a crop in at least one plane",
      "1 node has no pathology report",
      "2 crops are in no reading schedule",
      "1 scheduled read is outstanding",
    ],
  });
  expect(
    await attempt(
      "coordinator",
      sql`insert into subject (study_id, site_id, number) values (${ids.study}, ${ids.site}, '002')`,
    ),
  ).toBe("written");
  expect(await lockAs(investigator, "The sponsor ended the study.")).toMatchObject({ missing: { length: 4 } });
});

test.each([
  "coordinator",
  "locating_radiologist",
  "reader",
  "pathologist",
  "data_scientist",
  "monitor",
  "administrator",
] as const)("%s cannot lock a study; the investigator can", async (role) => {
  await expect(lockAs(as(role), "because")).rejects.toMatchObject({ code: "42501" });
  await expect(
    withActor(importer, (tx) => tx.execute(sql`select 1 from study where state = 'locked'`)),
  ).resolves.toHaveLength(0);
  await expect(lockAs(as("principal_investigator"))).resolves.toBeDefined();
});

test("the lock waits for a write that is under way, and counts it", async () => {
  let commit = () => {};
  let written = () => {};
  const isWritten = new Promise<void>((done) => {
    written = done;
  });
  const mayCommit = new Promise<void>((done) => {
    commit = done;
  });
  const radiologist = as("locating_radiologist");
  const write = withActor(radiologist, async (tx: Tx) => {
    await tx.execute(
      sql`insert into node (study_id, subject_id, ordinal, label) values (${ids.study}, ${ids.subject}, 2, 'N2')`,
    );
    written();
    await mayCommit;
  });
  await isWritten;
  let ended = false;
  const lock = lockAs(as("principal_investigator"), "test").finally(() => {
    ended = true;
  });
  await new Promise((done) => setTimeout(done, 300));
  expect(ended).toBe(false);
  commit();
  await write;
  expect((await lock).counts.nodes).toBe(2);
});
