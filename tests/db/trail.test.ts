import { randomUUID } from "node:crypto";
import { type SQL, sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { Actor, StudyRole, Tx } from "@/db/actor";
import { studyRoles } from "@/db/schema/roles";
import { auditActions } from "@/server/audit";
import { personActor, type StudyActor, signInActor } from "@/server/door";
import { freshDatabase } from "../support/database";
import { outcomeOf } from "../support/outcome";
import { addPatient, type MadeStudy, makeStudy, report } from "../support/study";

/*
 * Whoever acts by SQL and would rather not be in the trail, or would be there for what was not done. Each refusal has its control.
 */

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());
const outcome = outcomeOf(door);

let study: MadeStudy;
let subjectId: string;
const named = { name: "Ada Example", hospital_number: "H-1" };
beforeEach(async () => {
  study = await makeStudy({ door, ownerUrl: database.owner });
  const { number } = await addPatient(door, study, { name: named.name, shortAxisMm: 6, positive: true, seed: 1 });
  const [row] = await admin`select id from subject where study_id = ${study.studyId} and number = ${number}`;
  subjectId = row?.id;
});

const events = async (action: string) =>
  (
    await admin`select person_id, role, entity_id from audit_event where study_id = ${study.studyId} and action = ${action} order by id`
  ).map((row) => ({ ...row }));
const undone = new Error("undone");

describe("who a subject is", () => {
  const look = (tx: Tx, subject = subjectId) => tx.execute(sql`select nw.look_at_identity(${subject}::uuid) as known`);
  const told = async (tx: Tx, subject = subjectId) => [
    ...(await tx.execute(sql`select * from nw.identity_of(${subject}::uuid)`)),
  ];
  const toldTo = (actor: Actor) => door.withActor(actor, (tx) => told(tx));

  test.each(["coordinator", "pathologist", "monitor"] as const)(
    "is told to the %s once an earlier transaction has noted the look, and read from no table",
    async (role) => {
      const actor = study.members[role];
      for (const columns of ["*", "name", "hospital_number", "known_reason", "subject_identity::text"])
        expect(await outcome(actor, sql.raw(`select ${columns} from subject_identity`)), columns).toBe("42501");
      expect(await outcome(actor, sql`select subject_id from subject_identity`)).toBe("done");

      expect(await toldTo(actor)).toEqual([]);
      // In the transaction of the look, in a savepoint of it, and where it was rolled back.
      await expect(
        door.withActor(actor, async (tx) => {
          expect([...(await look(tx))]).toEqual([{ known: true }]);
          expect(await told(tx)).toEqual([]);
          await tx.transaction(async (savepoint) => {
            await look(savepoint);
            expect(await told(savepoint)).toEqual([]);
          });
          throw undone;
        }),
      ).rejects.toBe(undone);
      expect(await toldTo(actor)).toEqual([]);
      expect(await events("identity.viewed")).toEqual([]);

      await door.withActor(actor, look);
      expect(await toldTo(actor)).toEqual([named]);
      expect(await events("identity.viewed")).toEqual([
        { person_id: actor.personId, role: `nw_${role}`, entity_id: "001" },
      ]);
    },
  );

  test("is told for a minute, to whoever looked, of the subject looked at", async () => {
    const { coordinator, monitor } = study.members;
    const other = await addPatient(door, study, { name: "Bruno", shortAxisMm: 5, positive: false, seed: 2 });
    const [row] = await admin`select id from subject where study_id = ${study.studyId} and number = ${other.number}`;
    await door.withActor(coordinator, look);
    expect(await toldTo(monitor)).toEqual([]);
    expect(await door.withActor(coordinator, (tx) => told(tx, row?.id))).toEqual([]);
    expect(await toldTo(coordinator)).toEqual([named]);
    await admin.begin(async (run) => {
      await run`set local session_replication_role = replica`;
      await run`update audit_event set at = at - interval '61 seconds' where action = 'identity.viewed'`;
    });
    expect(await toldTo(coordinator)).toEqual([]);
  });

  test("is told to nobody else, of no other site and study, nor looked at there", async () => {
    const elsewhere = await makeStudy({ door, ownerUrl: database.owner });
    const known = (actor: Actor) => door.withActor(actor, async (tx) => (await look(tx))[0]?.known);
    const otherSite = { ...study.members.coordinator, siteId: randomUUID() };
    for (const actor of [elsewhere.members.coordinator, otherSite]) {
      expect(await known(actor)).toBe(false);
      expect(await toldTo(actor)).toEqual([]);
    }
    for (const role of [
      "reader",
      "locating_radiologist",
      "data_scientist",
      "principal_investigator",
      "administrator",
    ] as const)
      for (const call of ["look_at_identity", "identity_of"])
        expect(await outcome(study.members[role], sql.raw(`select nw.${call}('${subjectId}')`)), role).toBe("42501");
    expect(await events("identity.viewed")).toEqual([]);
    expect(await known(study.members.coordinator)).toBe(true);
  });
});

describe("a deed", () => {
  const note = (action: string, about: { entity?: string; id?: string } = {}): SQL =>
    sql`select nw.record(${action}, ${about.entity ?? "study"}, ${about.id ?? study.studyId}, 'never happened', null)`;
  const looks = ["run.file_taken", "scores.exported", "analysis.viewed", "figures.viewed", "analysis.exported"];

  test("stands in the list of all deeds, with who notes it", async () => {
    const deeds = await admin`select action, noted_by from nw.deeds()`;
    expect(deeds.map(({ action }) => action).toSorted()).toEqual([...auditActions].toSorted());
    const known = [...studyRoles, "person", "sign_in", "importer", "worker"];
    expect(deeds.flatMap(({ noted_by }) => noted_by).filter((role) => !known.includes(role))).toEqual([]);
  });

  test("that was not done is noted by no role, in whatever words; before the lock no look at figures is", async () => {
    const actors: [string, Actor][] = [
      ...studyRoles.map((role): [StudyRole, Actor] => [role, study.members[role]]),
      ["person", personActor(study.members.administrator.personId)],
    ];
    for (const [role, actor] of actors)
      for (const action of auditActions) expect(await outcome(actor, note(action)), `${role} ${action}`).toBe("42501");
    expect(await admin`select 1 from audit_event where reason = 'never happened'`).toHaveLength(0);

    // Control: the lock, and each look after it, the first of which unblinds the study.
    const { principal_investigator: pi, data_scientist: scientist, coordinator } = study.members;
    await door.withActor(pi, (tx) => tx.execute(sql`select nw.lock_study()`));
    expect(await events("study.locked")).toMatchObject([{ person_id: pi.personId, entity_id: study.studyId }]);
    for (const action of looks) {
      expect(await outcome(coordinator, note(action)), action).toBe("42501");
      expect(await events("study.unblinded")).toHaveLength(looks.indexOf(action) > 1 ? 1 : 0);
      for (const actor of [scientist, pi]) expect(await outcome(actor, note(action)), action).toBe("done");
    }
    expect(await events("study.unblinded")).toMatchObject([{ person_id: scientist.personId }]);
  });

  test("is noted by whoever did it, in the transaction that does it", async () => {
    const { coordinator, principal_investigator: pi } = study.members;
    const withdraw = sql`
      insert into consent_withdrawal (study_id, subject_id, withdrawn_on, scope) values (${study.studyId}, ${subjectId}, current_date, 'keep')`;
    const withdrawn = note("consent.withdrawn", { entity: "subject", id: "001" });
    const both = (actor: StudyActor, ...statements: SQL[]) =>
      door
        .withActor(actor, async (tx) => {
          for (const statement of statements) await tx.execute(statement);
        })
        .then(
          () => "done",
          (error: { code?: string }) => error.code,
        );
    expect(await both(coordinator, withdraw, note("subject.enrolled"))).toBe("42501");
    expect(await both(coordinator, withdraw)).toBe("done");
    expect(await both(coordinator, withdrawn)).toBe("42501");
    const wider = sql`
      insert into consent_withdrawal (study_id, subject_id, withdrawn_on, scope) values (${study.studyId}, ${subjectId}, current_date, 'no_further_use')`;
    expect(await both(coordinator, wider, withdrawn)).toBe("done");
    expect(await both(pi, sql`update site set time_zone = 'Asia/Shanghai'`, note("study.locked"))).toBe("42501");
    expect(await both(pi, sql`update site set time_zone = 'Asia/Shanghai'`, note("site.time_zone_set"))).toBe("done");
  });

  const noted = async (action: string, by: string) =>
    (
      await admin`select entity_id, detail from audit_event where action = ${action} and person_id = ${by} order by id`
    ).map((row) => ({ ...row }));

  test("done to an account or a session is noted by the database that does it, and by nobody else", async () => {
    const { administrator, reader } = study.members;
    const { personId } = administrator;
    const person = personActor(personId);
    const own = { entity: "person", id: personId };
    for (const action of [
      "password.changed",
      "session.closed",
      "session.revoked",
      "account.created",
      "password.link_made",
    ])
      for (const actor of [person, administrator])
        expect(await outcome(actor, note(action, own)), action).toBe("42501");
    const link = sql`select nw.make_password_link(${reader.personId}::uuid, ${randomUUID()}, 'shown')`;
    expect(await outcome(person, link)).toBe("42501");
    await admin`update person set administrator = true where id = ${personId}`;
    expect(await outcome(person, link)).toBe("done");
    expect(await noted("password.link_made", personId)).toMatchObject([{ entity_id: reader.personId }]);
    expect(await outcome(signInActor, note("sign_in.refused"))).toBe("done");
    expect(await outcome(signInActor, note("study.locked"))).toBe("42501");

    const open = async (of: string) =>
      (
        await admin`insert into session (person_id, expires_at) values (${of}, now() + interval '1 hour') returning id`
      )[0]?.id as string;
    const [here, there, others] = [await open(personId), await open(personId), await open(reader.personId)];
    const close = (id: string, another: boolean) => sql`select nw.close_session(${id}::uuid, ${another})`;
    expect(await outcome(person, sql`update session set revoked_at = now()`)).toBe("42501");
    for (const statement of [close(there, true), close(there, true), close(others, true)])
      expect(await outcome(person, statement)).toBe("done");
    expect(await noted("session.revoked", personId), "one of the own, once").toMatchObject([{ entity_id: personId }]);
    expect(await admin`select 1 from session where id = ${others} and revoked_at is null`).toHaveLength(1);
    await admin`insert into credential (person_id, password_hash) values (${personId}, 'old')`;
    const change = (before: string) => sql`select nw.change_password(${before}, 'new', ${here}::uuid)`;
    expect(await outcome(person, change("wrong"))).toBe("done");
    expect(await noted("password.changed", personId)).toEqual([]);
    expect(await outcome(person, change("old"))).toBe("done");
    expect(await noted("password.changed", personId)).toEqual([{ entity_id: personId, detail: { sessionsEnded: 0 } }]);
    expect(await outcome(person, close(here, false))).toBe("done");
    expect(await noted("session.closed", personId)).toMatchObject([{ entity_id: personId }]);
  });

  test("that makes an account, gives a role or ends one by SQL stands in the trail", async () => {
    const { administrator, principal_investigator: pi } = study.members;
    const [person, membershipId] = [randomUUID(), randomUUID()];
    for (const action of ["member.added", "member.proposed", "member.ended"])
      expect(await outcome(administrator, note(action)), action).toBe("42501");
    await door.withActor(administrator, async (tx) => {
      await tx.execute(sql`insert into person (id, email, name) values (${person}, ${`${person}@example.org`}, 'New')`);
      await tx.execute(
        sql`insert into credential (person_id, password_hash, must_change) values (${person}, 'x', true)`,
      );
      await tx.execute(
        sql`insert into membership (id, study_id, person_id, role) values (${membershipId}, ${study.studyId}, ${person}, 'locating_radiologist')`,
      );
    });
    await door.withActor(pi, async (tx) => {
      await tx.execute(
        sql`insert into membership (study_id, person_id, role) values (${study.studyId}, ${person}, 'pathologist')`,
      );
      await tx.execute(sql`update membership set ended_at = now() where id = ${membershipId}`);
    });
    expect(await noted("account.created", administrator.personId)).toEqual([
      { entity_id: person, detail: { mayCreateStudies: false, administrator: false } },
    ]);
    const radiologist = { entity_id: person, detail: { role: "locating_radiologist", readerCode: null } };
    expect(await noted("member.added", administrator.personId)).toContainEqual(radiologist);
    expect(await noted("member.proposed", pi.personId)).toContainEqual({
      entity_id: person,
      detail: { role: "pathologist", readerCode: null },
    });
    expect(await noted("member.ended", pi.personId)).toEqual([radiologist]);
  });
});

test("whoever works for one site sees nothing in the trail of the subjects of another; control: of their own, and of none, they do, and who works for all sites sees all", async () => {
  const { coordinator, monitor } = study.members;
  const second = await addPatient(door, study, { name: "At the other", shortAxisMm: 6, positive: true, seed: 2 });
  const other = randomUUID();
  await admin`insert into site (id, study_id, name) values (${other}, ${study.studyId}, 'There')`;
  // As if each patient had come to a site of their own from the start.
  await admin.begin(async (run) => {
    await run`set local session_replication_role = replica`;
    await run`update subject set site_id = ${other} where study_id = ${study.studyId} and number = ${second.number}`;
    await run`update subject set site_id = ${study.siteId} where id = ${subjectId}`;
    await run`update audit_event e set site_id = s.site_id from subject s
      where e.study_id = ${study.studyId} and s.study_id = e.study_id and (e.entity_id = s.number or e.entity_id like s.number || ' %')`;
  });
  // A subject of theirs whose number begins like the node of another changes nothing.
  await admin`insert into subject (study_id, site_id, number, status, created_by)
    select study_id, ${study.siteId}, ${`${second.number} N1`}, 'enrolled', created_by from subject where id = ${subjectId}`;
  await report(door, study, second.nodeId, "positive");
  const seenBy = async (actor: Actor, site: string | null) => {
    await admin`update membership set site_id = ${site} where id = ${actor.membershipId}`;
    const rows = await door.withActor({ ...actor, siteId: site }, (tx) =>
      tx.execute<{ entity_id: string | null }>(
        sql`select entity_id from audit_event where study_id = ${study.studyId}`,
      ),
    );
    const about = rows.map(({ entity_id }) => entity_id ?? "");
    const ofFirst = about.filter((each) => /^001( |$)/.test(each)).length;
    const ofSecond = about.filter((each) => each.startsWith(second.number)).length;
    return { first: ofFirst > 0, second: ofSecond > 0, others: about.length > ofFirst + ofSecond };
  };
  for (const actor of [coordinator, monitor]) {
    expect(await seenBy(actor, study.siteId)).toEqual({ first: true, second: false, others: true });
    expect(await seenBy(actor, other)).toEqual({ first: false, second: true, others: true });
    expect(await seenBy(actor, null)).toEqual({ first: true, second: true, others: true });
  }
  const [noted] = await admin`
    select site_id from audit_event where study_id = ${study.studyId} and action = 'pathology.reported'`;
  expect(noted?.site_id, "set as it is noted").toBe(other);
});
