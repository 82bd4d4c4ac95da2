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
import { addPatient, type MadeStudy, makeStudy } from "../support/study";

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
    const known = [...studyRoles, "accounts", "person", "sign_in", "importer", "worker"];
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
    await door.withActor(pi, async (tx) => {
      await tx.execute(sql`select nw.lock_study()`);
      await tx.execute(note("study.locked"));
    });
    expect(await outcome(pi, note("study.locked")), "not once more").toBe("42501");
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

  test("of accounts is noted by whoever administers them, and by anybody else of the own account", async () => {
    const { personId } = study.members.administrator;
    const person = personActor(personId);
    const own = note("session.closed", { entity: "person", id: personId });
    expect(await outcome(person, own)).toBe("done");
    expect(await outcome(person, note("session.closed", { id: study.members.reader.personId }))).toBe("42501");
    // What the database does to an account it notes itself, for whoever asks it, and nobody else does.
    const link = sql`select nw.make_password_link(${study.members.reader.personId}::uuid, ${randomUUID()}, 'shown')`;
    const deeds = async () => {
      const [count] = await admin`
        select count(*)::int as n from audit_event where action = 'password.link_made' and person_id = ${personId} and entity_id = ${study.members.reader.personId}`;
      return count?.n;
    };
    expect(await outcome(person, link)).toBe("42501");
    await admin`update person set administrator = true where id = ${personId}`;
    expect(await outcome(person, link)).toBe("done");
    expect(await deeds()).toBe(1);
    expect(await outcome(person, note("password.link_made", { entity: "person", id: personId }))).toBe("42501");
    expect(await outcome(signInActor, note("sign_in.refused"))).toBe("done");
    expect(await outcome(signInActor, note("study.locked"))).toBe("42501");
    // Of an account that this transaction makes, whoever manages a study notes it.
    const { administrator } = study.members;
    const id = randomUUID();
    expect(await outcome(administrator, note("account.created", { id: personId }))).toBe("42501");
    await door.withActor(administrator, async (tx) => {
      await tx.execute(sql`insert into person (id, email, name) values (${id}, ${`${id}@example.org`}, 'New')`);
      await tx.execute(note("account.created", { entity: "person", id }));
    });
  });
});
