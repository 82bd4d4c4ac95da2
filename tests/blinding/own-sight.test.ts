import { randomUUID } from "node:crypto";
import { type SQL, sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Actor, StudyRole, Tx } from "@/db/actor";
import { node } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { initialPassword } from "@/server/services/account/initial-password";
import { lockStudy } from "@/server/services/lock/lock-study";
import { fileAt } from "@/server/services/reading/file-at";
import { addMember } from "@/server/services/study/add-member";
import { takeOn } from "../support/claim";
import { freshDatabase } from "../support/database";
import { addNamedCrop } from "../support/named-crop";
import { outcomeOf } from "../support/outcome";
import { addPatient, draw, type MadeStudy, makeStudy, readCases, report } from "../support/study";

/*
 * Whoever runs a study, with raw SQL, who wants to see more than the role shows or to have done what was not done. Each refusal has its control.
 */

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

let study: MadeStudy;
beforeAll(async () => {
  study = await makeStudy({ door, ownerUrl: database.owner });
});

const outcome = outcomeOf(door);

const stranger = async () => {
  const id = randomUUID();
  await admin`insert into person (id, email, name) values (${id}, ${`${id}@example.org`}, 'Somebody')`;
  return id;
};

/** A study with the protocol of the tests' one, as its founder writes it. */
async function founding(tx: Tx, id: string, founder: string, state?: string): Promise<void> {
  const versionId = randomUUID();
  const [of] =
    await admin`select version, sha256, document, source from protocol_version where study_id = ${study.studyId}`;
  await tx.execute(
    state
      ? sql`insert into study (id, slug, name, created_by, protocol_version_id, state) values (${id}, ${id}, ${id}, ${founder}, ${versionId}, ${state}::study_state)`
      : sql`insert into study (id, slug, name, created_by, protocol_version_id) values (${id}, ${id}, ${id}, ${founder}, ${versionId})`,
  );
  await tx.execute(
    sql`insert into protocol_version (id, study_id, version, sha256, document, source)
        values (${versionId}, ${id}, ${of?.version}, ${of?.sha256}, ${JSON.stringify(of?.document)}::jsonb, ${of?.source})`,
  );
}

describe("a role", () => {
  const give = (personId: string, role: string) =>
    sql`insert into membership (study_id, person_id, role) values (${study.studyId}, ${personId}, ${role}::study_role)`;

  test.each(["administrator", "principal_investigator"] as const)(
    "is given by the %s to others, not to oneself",
    async (role) => {
      const giver = study.members[role];
      for (const wanted of ["pathologist", "coordinator", "monitor", "locating_radiologist"]) {
        expect(await outcome(giver, give(giver.personId, wanted)), wanted).toBe("42501");
        expect(await outcome(giver, give(await stranger(), wanted)), wanted).toBe("done");
      }
    },
  );

  test("that ended stays ended, from the moment it was, not from one that somebody names", async () => {
    const { administrator } = study.members;
    const personId = await stranger();
    await outcome(administrator, give(personId, "monitor"));
    const end = (at: string | null) => sql`update membership set ended_at = ${at} where person_id = ${personId}`;
    const endedAt = async () =>
      (await admin`select ended_at from membership where person_id = ${personId}`)[0]?.ended_at;
    expect(await outcome(administrator, end("2020-01-01"))).toBe("done");
    const first: Date = await endedAt();
    expect(Date.now() - first.getTime()).toBeLessThan(60_000);
    await outcome(administrator, end(null));
    await outcome(administrator, end("2099-01-01"));
    expect(await endedAt()).toEqual(first);
  });

  test("of a reader that ended shows no case from then on, whatever claim was made before", async () => {
    const ended = await makeStudy({ door, ownerUrl: database.owner });
    const { administrator, reader } = ended.members;
    await addPatient(door, ended, { name: "Patient", shortAxisMm: 6, positive: true, seed: 1 });
    await draw(door, ended);
    const shown = async () => {
      const open = await door.withActor(reader, (tx) => tx.execute(sql`select nw.open_case('current') as there`));
      return [
        ...open,
        ...(await door.withActor(reader, (tx) => tx.execute(sql`select position from nw.current_case()`))),
      ];
    };
    expect(await shown()).toEqual([{ there: true }, { position: 1 }]);
    await door.withActor(administrator, (tx) =>
      tx.execute(sql`update membership set ended_at = now() where id = ${reader.membershipId}`),
    );
    expect(await shown()).toEqual([{ there: false }]);
  });

  test("that ended writes nothing any more, whatever statement began before and runs on", async () => {
    const made = await makeStudy({ door, ownerUrl: database.owner });
    const { administrator, principal_investigator: pi } = made.members;
    const [one, other] = [await stranger(), await stranger()];
    const slowly = (personId: string) =>
      outcome(
        administrator,
        sql`insert into membership (study_id, person_id, role) select ${made.studyId}, ${personId}, 'monitor' from pg_sleep(1)`,
      );
    expect(await slowly(one)).toBe("done");
    const under = slowly(other);
    await new Promise((done) => setTimeout(done, 300));
    const end = sql`update membership set ended_at = now() where id = ${administrator.membershipId}`;
    expect(await outcome(pi, end)).toBe("done");
    expect(await under).toBe("42501");
    expect(await admin`select from membership where person_id in (${one}, ${other})`).toHaveLength(1);
  });

  test("of whoever founds a study is the principal investigator's, and no other beside it", async () => {
    const { principal_investigator: pi } = study.members;
    const founder: Actor = { role: "person", personId: pi.personId, studyId: null, siteId: null, membershipId: null };
    const found = async (...roles: string[]) => {
      const id = randomUUID();
      const own = sql.join(
        roles.map((role) => sql`(${id}::uuid, ${pi.personId}::uuid, ${role}::study_role)`),
        sql`, `,
      );
      return door
        .withActor(founder, async (tx) => {
          await founding(tx, id, pi.personId);
          await tx.execute(sql`insert into membership (study_id, person_id, role) values ${own}`);
        })
        .then(
          () => "done",
          (error: { code?: string }) => error.code,
        );
    };
    expect(await found("pathologist")).toBe("NW003");
    expect(await found("principal_investigator", "pathologist", "coordinator")).toBe("NW003");
    expect(await found("principal_investigator")).toBe("done");
  });

  test("is of the site of whoever gives it", async () => {
    const { administrator } = study.members;
    const bound = { ...administrator, siteId: study.siteId };
    const { passwordHash } = await initialPassword();
    const add = async (actor: typeof administrator) => {
      const email = `${randomUUID()}@example.org`;
      await door.withActor(actor, (tx) =>
        addMember(tx, actor, { email, name: "New", role: "coordinator", readerCode: null, passwordHash }),
      );
      const [row] =
        await admin`select m.site_id from membership m join person p on p.id = m.person_id where p.email = ${email}`;
      return row?.site_id;
    };
    expect(await add(bound)).toBe(study.siteId);
    expect(await add(administrator)).toBeNull();
    expect(await outcome(bound, give(await stranger(), "monitor"))).toBe("42501");
  });
});

describe("a role that shows truth or identity, or gives roles, needs a second person", () => {
  const rowsOf = async (actor: Actor, statement: SQL) =>
    (await door.withActor(actor, (tx) => tx.execute(statement))).length;
  /** A role given to somebody new, or to `to`, as its holder would act in it. */
  const given = async (giver: StudyActor, role: StudyRole, to?: string): Promise<StudyActor> => {
    const [personId, membershipId] = [to ?? (await stranger()), randomUUID()];
    await door.withActor(giver, (tx) =>
      tx.execute(
        sql`insert into membership (id, study_id, person_id, role) values (${membershipId}, ${study.studyId}, ${personId}, ${role}::study_role)`,
      ),
    );
    return { ...giver, role, personId, membershipId, siteId: null };
  };
  /** True: confirmed; false: there was none that waits; otherwise the key of the refusal. */
  const confirm = (actor: Actor, { membershipId }: StudyActor) =>
    door
      .withActor(actor, (tx) =>
        tx.execute<{ done: boolean }>(sql`select nw.confirm_member(${membershipId}::uuid) as done`),
      )
      .then(
        ([row]) => row?.done,
        (error: { code?: string; constraint?: string }) => error.constraint ?? error.code,
      );

  test("as its grants say", async () => {
    const needing = async () => {
      const rows =
        await admin`select r::text as role from unnest(enum_range(null::study_role)) r where nw.needs_second_person(r)`;
      return rows.map(({ role }) => role).toSorted();
    };
    const all = ["administrator", "coordinator", "data_scientist", "monitor", "pathologist", "principal_investigator"];
    expect(await needing()).toEqual(all);
    // The two that need none read nothing of what a person is or has.
    const read = await admin`
      select distinct table_name || ' ' || grantee as what from information_schema.column_privileges
       where grantee in ('nw_reader', 'nw_locating_radiologist') and privilege_type in ('SELECT', 'INSERT')
         and table_name in ('subject_identity', 'pathology_report', 'crop_score', 'dataset_item', 'analysis_result', 'read')
          or grantee in ('nw_reader', 'nw_locating_radiologist') and privilege_type = 'INSERT' and table_name in ('membership', 'person', 'credential')`;
    expect([...read]).toEqual([]);
    await admin.begin(async (run) => {
      await run`grant select on subject_identity to nw_locating_radiologist`;
      const [row] = await run`select nw.needs_second_person('locating_radiologist') as needs`;
      expect(row?.needs, "a role that is granted more needs one from then on").toBe(true);
      await run`revoke select on subject_identity from nw_locating_radiologist`;
    });
  });

  test("until then its claim shows nothing, opens no function and gives no role", async () => {
    const { principal_investigator: pi, administrator } = study.members;
    await addPatient(door, study, { name: "Patient", shortAxisMm: 6, positive: true, seed: 7 }).then(({ nodeId }) =>
      report(door, study, nodeId, "positive"),
    );
    const shows = {
      coordinator: sql`select subject_id from subject_identity`,
      pathologist: sql`select * from pathology_report`,
      monitor: sql`select * from pathology_report`,
      data_scientist: sql`select * from protocol_version`,
      principal_investigator: sql`select * from subject`,
      administrator: sql`select * from membership`,
    };
    for (const [role, statement] of Object.entries(shows)) {
      const holder = await given(administrator, role as keyof typeof shows);
      const counts = sql`select 1 where nw.study_counts(3) is not null`;
      const seen = async () => [await rowsOf(holder, statement), await rowsOf(holder, counts)];
      expect(await seen(), role).toEqual([0, 0]);
      if (role === "administrator" || role === "principal_investigator") {
        const giving = sql`insert into membership (study_id, person_id, role) values (${study.studyId}, ${await stranger()}, 'monitor')`;
        expect(await outcome(holder, giving), role).toBe("42501");
        expect(await confirm(holder, await given(administrator, "pathologist")), role).toBe(false);
      }
      expect(await confirm(pi, holder), role).toBe(true);
      const [rows, counted] = await seen();
      expect(rows, role).toBeGreaterThan(0);
      expect(counted, role).toBe(1);
    }
  });

  test("and the membership that a claim names is its person's, in its role and study", async () => {
    const { pathologist, coordinator } = study.members;
    const elsewhere = (await makeStudy({ door, ownerUrl: database.owner })).members.pathologist;
    const studies = (actor: Actor) => rowsOf(actor, sql`select * from study`);
    for (const membershipId of [coordinator.membershipId, elsewhere.membershipId, randomUUID(), null])
      expect(await studies({ ...pathologist, membershipId })).toBe(0);
    expect(await studies({ ...pathologist, personId: coordinator.personId })).toBe(0);
    expect(await studies({ ...pathologist, role: "monitor" })).toBe(0);
    expect(await studies(pathologist)).toBe(1);
  });

  test("who neither gave it nor holds it, and is not of an account that the giver made, or that made the giver's", async () => {
    const { principal_investigator: pi, administrator } = study.members;
    expect(await confirm(administrator, await given(administrator, "pathologist"))).toBe("confirmed_by_its_giver");
    const own = await given(pi, "monitor", administrator.personId);
    expect(await confirm(administrator, own)).toBe("confirmed_by_its_holder");
    expect(await confirm(pi, own)).toBe("confirmed_by_its_giver");

    const second = randomUUID();
    await door.withActor(administrator, (tx) =>
      tx.execute(
        sql`insert into person (id, email, name) values (${second}, ${`${second}@example.org`}, 'Second self')`,
      ),
    );
    const self = await given(administrator, "administrator", second);
    expect(await confirm(pi, self)).toBe(true);
    for (const [giver, other] of [
      [administrator, self],
      [self, administrator],
    ] as const) {
      const holder = await given(giver, "pathologist");
      expect(await confirm(other, holder)).toBe("confirmed_by_a_made_account");
      expect(await rowsOf(holder, sql`select * from study`)).toBe(0);
      expect(await confirm(pi, holder)).toBe(true);
      expect(await rowsOf(holder, sql`select * from study`)).toBe(1);
    }
  });

  /** An account that somebody in the study makes, or that an administrator of accounts does. */
  const made = async (maker: Actor): Promise<string> => {
    const id = randomUUID();
    await door.withActor(maker, (tx) =>
      tx.execute(sql`insert into person (id, email, name) values (${id}, ${`${id}@example.org`}, 'Made')`),
    );
    return id;
  };
  /** Somebody who administers accounts, and has no role in a study. */
  const accountsAdministrator = async (): Promise<Actor & { personId: string }> => {
    const personId = await stranger();
    await admin`update person set administrator = true where id = ${personId}`;
    return { role: "person", personId, studyId: null, siteId: null, membershipId: null };
  };

  test("who is not the giver or the holder through accounts of one making: not even where somebody honest confirmed these", async () => {
    const { principal_investigator: pi, administrator } = study.members;
    const confirmed = async (giver: StudyActor, role: StudyRole, personId: string) => {
      const holder = await given(giver, role, personId);
      expect(await confirm(giver === pi ? administrator : pi, holder)).toBe(true);
      return holder;
    };
    // Three of one making; the third made by the first.
    const first = await confirmed(pi, "administrator", await made(pi));
    const second = await confirmed(pi, "principal_investigator", await made(pi));
    const thirds = [await made(pi), await made(first), await stranger()];
    for (const [giver, other] of [
      [first, second],
      [second, first],
      [pi, first],
      [first, pi],
    ] as const)
      for (const third of thirds) {
        const holder = await given(giver, "pathologist", third);
        expect(await confirm(other, holder)).toBe("confirmed_by_a_made_account");
        expect(await rowsOf(holder, sql`select * from study`)).toBe(0);
        await outcome(giver, sql`update membership set ended_at = now() where id = ${holder.membershipId}`);
      }
    // Where somebody else gave it, the holder's maker is no second person either, nor is another of the same making.
    const holder = await given(administrator, "pathologist", await made(second));
    for (const other of [first, second, pi]) expect(await confirm(other, holder)).toBe("confirmed_by_a_made_account");
    expect(await confirm({ ...administrator, role: "importer" }, holder)).toBe(true);
    // Control: of somebody else's making, one does; and that the giver has left since changes nothing.
    const own = await given(first, "monitor");
    await outcome(administrator, sql`update membership set ended_at = now() where id = ${first.membershipId}`);
    expect(await confirm(second, own)).toBe("confirmed_by_a_made_account");
    expect(await confirm(administrator, own)).toBe(true);
  });

  test("who had no link to the other's password, nor one maker of links with the other, in a circle or not", async () => {
    const { principal_investigator: pi, administrator } = study.members;
    const link = (maker: Actor, personId: string) =>
      door.withActor(maker, (tx) =>
        tx.execute<{ done: boolean }>(
          sql`select nw.make_password_link(${personId}::uuid, ${randomUUID()}, 'shown') as done`,
        ),
      );
    const accounts = await accountsAdministrator();
    const both = await given(pi, "administrator", accounts.personId);
    expect(await confirm(administrator, both)).toBe(true);
    const other = await given(pi, "administrator");
    expect(await confirm(administrator, other)).toBe(true);

    const holder = await given(both, "pathologist");
    await link(accounts, other.personId);
    expect(await confirm(other, holder)).toBe("confirmed_by_a_made_account");
    await admin`update person set administrator = true where id = ${other.personId}`;
    await link({ ...accounts, personId: other.personId }, accounts.personId);
    expect(await confirm(other, holder)).toBe("confirmed_by_a_made_account");
    expect(await confirm(administrator, holder)).toBe(true);
  });

  test("who may have the account from the same administrator of accounts, as long as that one is not in the study", async () => {
    const { principal_investigator: pi, administrator } = study.members;
    const accounts = await accountsAdministrator();
    const [one, two] = [await made(accounts), await made(accounts)];
    const giver = await given(pi, "administrator", one);
    const other = await given(pi, "principal_investigator", two);
    for (const each of [giver, other]) expect(await confirm(administrator, each)).toBe(true);
    expect(await confirm(other, await given(giver, "pathologist", await made(accounts)))).toBe(true);
    const own = await given(giver, "pathologist", accounts.personId);
    expect(await confirm(other, own)).toBe("confirmed_by_a_made_account");
    expect(await confirm(administrator, own)).toBe(true);
    expect(await confirm(other, await given(giver, "monitor"))).toBe("confirmed_by_a_made_account");
  });

  test("of this study, of its site, and in a role that gives roles", async () => {
    const { principal_investigator: pi, administrator, coordinator, monitor } = study.members;
    const elsewhere = await makeStudy({ door, ownerUrl: database.owner });
    const holder = await given(administrator, "data_scientist");
    for (const actor of [coordinator, monitor]) expect(await confirm(actor, holder)).toBe("42501");
    for (const actor of [elsewhere.members.administrator, elsewhere.members.principal_investigator])
      expect(await confirm(actor, holder)).toBe(false);
    expect(await confirm({ ...pi, siteId: study.siteId }, holder)).toBe("confirmed_at_another_site");
    expect(await confirm(pi, holder)).toBe(true);
    expect(await confirm(pi, holder)).toBe(false);
  });

  test("and no statement says that there was one", async () => {
    const { administrator } = study.members;
    const { personId } = await given(administrator, "pathologist");
    for (const column of ["confirmed_at = now()", "confirmed_by = person_id", "given_by = person_id"])
      expect(
        await outcome(administrator, sql.raw(`update membership set ${column} where person_id = '${personId}'`)),
      ).toBe("42501");
    const other = await stranger();
    for (const [column, value] of [
      ["confirmed_at", "now()"],
      ["confirmed_by", `'${other}'`],
      ["given_by", `'${other}'`],
    ])
      expect(
        await outcome(
          administrator,
          sql.raw(
            `insert into membership (study_id, person_id, role, ${column}) values ('${study.studyId}', '${other}', 'pathologist', ${value})`,
          ),
        ),
      ).toBe("42501");
    const made = sql.raw(
      `insert into person (email, name, created_by) values ('${other}@example.com', 'Somebody', '${other}')`,
    );
    expect(await outcome(administrator, made)).toBe("42501");
  });

  test("again when it was ended and is given anew; none where the operator of the server gives it", async () => {
    const { principal_investigator: pi, administrator } = study.members;
    const first = await given(administrator, "coordinator");
    expect(await confirm(pi, first)).toBe(true);
    await outcome(administrator, sql`update membership set ended_at = now() where id = ${first.membershipId}`);
    expect(await rowsOf(first, sql`select * from subject`)).toBe(0);
    const again = await given(administrator, "coordinator", first.personId);
    expect(await rowsOf(again, sql`select * from subject`)).toBe(0);
    const operator: StudyActor = { ...administrator, role: "importer" };
    expect(await confirm(operator, again)).toBe(true);
    expect(await rowsOf(again, sql`select * from subject`)).toBeGreaterThan(0);
    expect(await rowsOf(await given(operator, "coordinator"), sql`select * from subject`)).toBeGreaterThan(0);
  });
});

test("a picture that is not shown to somebody before the lock is added to no other study by that person, where it would be seen as it is stored", async () => {
  const [read, elsewhere] = [
    await makeStudy({ door, ownerUrl: database.owner }),
    await makeStudy({ door, ownerUrl: database.owner }),
  ];
  const { reader } = read.members;
  await addPatient(door, read, { name: "Patient", shortAxisMm: 6, positive: true, seed: 1 });
  await addPatient(door, elsewhere, { name: "Patient", shortAxisMm: 9, positive: false, seed: 2 });
  await draw(door, read);
  await door.withActor(reader, (tx) => tx.execute(sql`select nw.open_case('current')`));
  const [drawn] = await door.withActor(reader, (tx) =>
    tx.execute<{ slot: string; name: string }>(
      sql`select slot_id as slot, crops -> 0 ->> 'sha256' as name from nw.current_case()`,
    ),
  );
  const file = drawn && fileAt(drawn.slot, drawn.name);
  // The reader is told the file on the canvas under another name; should it be known, and the image's own, too:
  const [shown] = await admin<{ sha256: string }[]>`
    select c.sha256 from crop c join crop_canvas w on w.crop_id = c.id where w.sha256 = ${file ?? ""}`;
  expect(new Set([shown?.sha256, file, drawn?.name]).size).toBe(3);
  // Of any crop, the trail has the hash.
  const { principal_investigator: pi, coordinator, pathologist } = read.members;
  const [noted] = await door.withActor(pi, (tx) =>
    tx.execute<{ sha256: string }>(
      sql`select detail ->> 'sha256' as sha256 from audit_event where action = 'crop.uploaded'`,
    ),
  );
  const copy = async (personId: string | null, sha256 = "") => {
    const id = randomUUID();
    // As if its bytes had come in, too.
    await admin`insert into stored_object (study_id, sha256, media_type) values (${elsewhere.studyId}, ${sha256}, 'image/png') on conflict do nothing`;
    await admin`insert into membership (id, study_id, person_id, role) values (${id}, ${elsewhere.studyId}, ${personId}, 'locating_radiologist')`;
    return outcome({ ...elsewhere.members.locating_radiologist, personId, membershipId: id }, async (tx) => {
      const [other] = await tx.select({ nodeId: node.id }).from(node).limit(1);
      await addNamedCrop(tx, { studyId: elsewhere.studyId, nodeId: other?.nodeId ?? "", sha256 });
    });
  };
  expect(await copy(reader.personId, shown?.sha256)).toBe("NW004");
  expect(await copy(pi.personId, noted?.sha256)).toBe("NW004");
  for (const { personId } of [coordinator, pathologist]) expect(await copy(personId, shown?.sha256)).toBe("done");
});

describe("an account that somebody made for another study", () => {
  const roles = ["locating_radiologist", "pathologist", "monitor"] as const;
  /** What comes of giving it a role in a study. */
  const take = (giver: StudyActor, personId: string, role: StudyRole) =>
    door
      .withActor(giver, (tx) =>
        tx.execute(
          sql`insert into membership (study_id, person_id, role) values (${giver.studyId}, ${personId}, ${role}::study_role)`,
        ),
      )
      .then(
        () => "done",
        (error: { constraint?: string; code?: string; values?: unknown }) => error.constraint ?? error.code,
      );
  const made = async (maker: Actor) => {
    const id = randomUUID();
    await door.withActor(maker, async (tx) => {
      await tx.execute(sql`insert into person (id, email, name) values (${id}, ${`${id}@example.org`}, 'Made')`);
      await tx.execute(sql`insert into credential (person_id, password_hash, must_change) values (${id}, 'x', true)`);
    });
    return id;
  };

  test("is taken in, in no role, until its password was set with a link; its maker's own study takes it", async () => {
    const elsewhere = (await makeStudy({ door, ownerUrl: database.owner })).members;
    const { administrator, principal_investigator: pi } = study.members;
    const personId = await made(elsewhere.principal_investigator);
    expect(await take(elsewhere.administrator, personId, "monitor"), "control").toBe("done");
    for (const giver of [administrator, pi])
      for (const role of roles) expect(await take(giver, personId, role)).toBe("account_of_another_study");
    const refusal = door.withActor(pi, (tx) =>
      tx.execute(
        sql`insert into membership (study_id, person_id, role, reader_code) values (${study.studyId}, ${personId}, 'reader', 'R77')`,
      ),
    );
    await expect(refusal).rejects.toMatchObject({
      code: "NW003",
      values: { maker: "principal_investigator", day: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) },
    });
    // Its maker changes the first password, as its person would: that is no link.
    await admin`update credential set must_change = false, password_hash = 'y' where person_id = ${personId}`;
    expect(await take(pi, personId, "monitor")).toBe("account_of_another_study");

    const accounts = await stranger();
    await admin`update person set administrator = true where id = ${accounts}`;
    const secret = randomUUID();
    await door.withActor(
      { role: "person", personId: accounts, studyId: null, siteId: null, membershipId: null },
      (tx) => tx.execute(sql`select nw.make_password_link(${personId}::uuid, ${secret}, 'shown')`),
    );
    expect(await take(pi, personId, "monitor"), "made, and not followed").toBe("account_of_another_study");
    await door.withActor({ role: "sign_in", personId: null, studyId: null, siteId: null, membershipId: null }, (tx) =>
      tx.execute(sql`select nw.use_password_link(${secret}, 'z')`),
    );
    for (const role of roles) expect(await take(pi, personId, role)).toBe("done");
  });

  test("is no concern where whoever administers accounts, the operator or a manager of this study made it", async () => {
    const { administrator, principal_investigator: pi } = study.members;
    const accounts = await stranger();
    await admin`update person set administrator = true where id = ${accounts}`;
    const ofAccounts: Actor = { role: "person", personId: accounts, studyId: null, siteId: null, membershipId: null };
    for (const maker of [ofAccounts, administrator, pi])
      expect(await take(pi, await made(maker), "locating_radiologist")).toBe("done");
    expect(await take(pi, await stranger(), "locating_radiologist")).toBe("done");
    // A manager of another study who holds another role here is none of this one.
    const elsewhere = await makeStudy({ door, ownerUrl: database.owner });
    const other = elsewhere.members.principal_investigator;
    expect(await take(pi, other.personId, "locating_radiologist")).toBe("done");
    expect(await take(pi, await made(other), "locating_radiologist")).toBe("account_of_another_study");
  });
});

describe("whoever waits or has left", () => {
  test("is told the name of the study it waits in, and nothing else; of one it left nothing", async () => {
    const { administrator, principal_investigator: pi } = study.members;
    const personId = await stranger();
    const [waits, counts] = [randomUUID(), randomUUID()];
    const give = (id: string, role: StudyRole) =>
      door.withActor(administrator, (tx) =>
        tx.execute(
          sql`insert into membership (id, study_id, person_id, role) values (${id}, ${study.studyId}, ${personId}, ${role}::study_role)`,
        ),
      );
    const seen = () =>
      door.withActor({ role: "person", personId, studyId: null, siteId: null, membershipId: null }, async (tx) => {
        const rows = [];
        for (const table of ["study", "site", "protocol_version"])
          rows.push((await tx.execute(sql.raw(`select 1 from ${table}`))).length);
        return rows;
      });
    const end = (id: string) => outcome(pi, sql`update membership set ended_at = now() where id = ${id}`);
    await give(waits, "pathologist");
    expect(await seen()).toEqual([1, 0, 0]);
    await end(waits);
    expect(await seen()).toEqual([0, 0, 0]);
    // Control: a role that counts.
    await give(counts, "locating_radiologist");
    expect(await seen()).toEqual([1, 1, 1]);
    await end(counts);
    expect(await seen()).toEqual([0, 0, 0]);
  });
});

test("of another site nobody sees which nodes have a report, and nobody but the command line the files of a study", async () => {
  const made = await makeStudy({ door, ownerUrl: database.owner });
  const { nodeId } = await addPatient(door, made, { name: "Patient", shortAxisMm: 6, positive: true, seed: 1 });
  await report(door, made, nodeId, "positive");
  await admin`update subject set site_id = ${made.siteId} where study_id = ${made.studyId}`;
  const { coordinator, locating_radiologist, pathologist, monitor, principal_investigator: pi } = made.members;
  const reported = async (actor: Actor) =>
    (await door.withActor(actor, (tx) => tx.execute(sql`select node_id from nw.reported_nodes()`))).length;
  for (const actor of [coordinator, locating_radiologist, pathologist, monitor, pi]) {
    expect(await reported({ ...actor, siteId: made.siteId }), actor.role).toBe(1);
    expect(await reported(actor), actor.role).toBe(1);
    expect(await reported({ ...actor, siteId: randomUUID() }), actor.role).toBe(0);
    expect(await outcome(actor, sql`select sha256 from stored_object`), actor.role).toBe("42501");
  }
  const files = await door.withActor({ ...pi, role: "importer" }, (tx) => tx.execute(sql`select 1 from stored_object`));
  expect(files.length).toBeGreaterThan(0);
});

describe("a password", () => {
  const credential = (personId: string) =>
    sql`insert into credential (person_id, password_hash, must_change) values (${personId}, 'x', true)`;

  test("is given to an account that is made, and to none that is there without one", async () => {
    const [program] =
      await admin`insert into person (email, name, program) values ('robot@nodewise.invalid', 'Robot', true) returning id`;
    const there = await stranger();
    for (const role of ["administrator", "principal_investigator"] as const) {
      const giver = study.members[role];
      for (const id of [there, program?.id, giver.personId]) expect(await outcome(giver, credential(id))).toBe("42501");
      const made = randomUUID();
      const both = door.withActor(giver, async (tx) => {
        await tx.execute(sql`insert into person (id, email, name) values (${made}, ${`${made}@example.org`}, 'New')`);
        await tx.execute(credential(made));
      });
      await expect(both).resolves.toBeUndefined();
    }
  });
});

describe("the state of a study", () => {
  test("changes by locking it, one way, and by no statement", async () => {
    const ended = await makeStudy({ door, ownerUrl: database.owner });
    const { principal_investigator: pi } = ended.members;
    const state = async () => (await admin`select state from study where id = ${ended.studyId}`)[0]?.state;
    const set = (to: string) => sql`update study set state = ${to}::study_state where id = ${ended.studyId}`;
    const importer: Actor = { ...pi, role: "importer" };
    for (const actor of [pi, importer, ended.members.administrator])
      for (const to of ["locked", "running"]) expect(await outcome(actor, set(to))).toBe("42501");
    expect(await outcome(ended.members.administrator, sql`select nw.lock_study()`)).toBe("42501");
    expect(await state()).toBe("running");
    const noted = sql`insert into study_lock (study_id, reason, counts) values (${ended.studyId}, 'never happened', '{}')`;
    await door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "Ends here" }));
    for (const actor of [pi, importer]) expect(await outcome(actor, noted), "nor noted by anybody else").toBe("42501");
    expect(await state()).toBe("locked");
    for (const actor of [pi, importer]) expect(await outcome(actor, set("running"))).toBe("42501");
    expect(await state()).toBe("locked");
  });

  test("opens what is seen after the lock from the next transaction on: nobody locks, looks and takes the lock back", async () => {
    const made = await makeStudy({ door, ownerUrl: database.owner });
    const { principal_investigator: pi, reader } = made.members;
    const { nodeId } = await addPatient(door, made, { name: "Patient", shortAxisMm: 6, positive: true, seed: 1 });
    await report(door, made, nodeId, "positive");
    await draw(door, made);
    await readCases(door, reader, 1);
    const opened = [
      ...["read", "pathology_report", "node_size", "node_match", "reading_slot", "crop", "audit_change"],
      ...["nw.current_read", "nw.judged_image", "nw.drawn_orders()"],
    ];
    const look = async (tx: Tx) => {
      const seen: string[] = [];
      for (const name of opened) {
        const [row] = await tx.execute<{ n: number }>(sql.raw(`select count(*)::int as n from ${name}`));
        if (row?.n) seen.push(name);
      }
      return seen;
    };
    const state = () => admin`
      select (select count(*) from audit_event) as events, (select count(*) from audit_change) as changes, state from study where id = ${made.studyId}`;
    const before = await state();
    const undone = new Error("undone");
    await expect(
      door.withActor(pi, async (tx) => {
        expect([...(await tx.execute(sql`select nw.lock_study() as locked`))]).toEqual([{ locked: true }]);
        expect(await look(tx)).toEqual([]);
        await tx.transaction(async (savepoint) => expect(await look(savepoint)).toEqual([]));
        // Writes are refused at once.
        await expect(
          tx.transaction((savepoint) =>
            savepoint.execute(
              sql`insert into reading_closure (list_id, study_id, reason) select id, study_id, 'Ends here' from reading_list`,
            ),
          ),
        ).rejects.toMatchObject({ cause: { code: "NW001" } });
        throw undone;
      }),
    ).rejects.toBe(undone);
    await expect(
      door.withActor(pi, async (tx) => {
        await tx.transaction((savepoint) => savepoint.execute(sql`select nw.lock_study()`));
        expect(await look(tx)).toEqual([]);
        throw undone;
      }),
    ).rejects.toBe(undone);
    expect(await state()).toEqual(before);
    // Control.
    await door.withActor(pi, (tx) => tx.execute(sql`select nw.lock_study()`));
    expect(await door.withActor(pi, look)).toEqual(opened);
  });

  test("opens no picture to another study either, in the transaction that locks it", async () => {
    const [hiding, other] = [
      await makeStudy({ door, ownerUrl: database.owner }),
      await makeStudy({ door, ownerUrl: database.owner }),
    ];
    const { principal_investigator: pi } = hiding.members;
    await addPatient(door, hiding, { name: "Patient", shortAxisMm: 6, positive: true, seed: 1 });
    const { nodeId } = await addPatient(door, other, {
      name: "Other",
      shortAxisMm: 5,
      positive: true,
      seed: 2,
      only: ["sagittal"],
    });
    const membershipId = randomUUID();
    await admin`
      insert into membership (id, study_id, person_id, role, confirmed_at) values (${membershipId}, ${other.studyId}, ${pi.personId}, 'locating_radiologist', now())`;
    const here: Actor = { ...other.members.locating_radiologist, personId: pi.personId, membershipId };
    const [crop] = await admin`select * from crop where study_id = ${hiding.studyId} and plane = 'axial'`;
    // The other study has a file of these bytes, so that the picture alone is refused.
    await admin`insert into stored_object (study_id, sha256, media_type) values (${other.studyId}, ${crop?.sha256}, 'image/png')`;
    const add = (tx: Tx) => addNamedCrop(tx, { studyId: other.studyId, nodeId, plane: "axial", sha256: crop?.sha256 });
    const both = door.withActor(pi, async (tx) => {
      await tx.execute(sql`select nw.lock_study()`);
      await takeOn((text) => tx.execute(sql.raw(text)), here, database.actorSecret);
      await add(tx);
    });
    await expect(both).rejects.toMatchObject({ constraint: "crop_is_hidden" });
    await door.withActor(pi, (tx) => tx.execute(sql`select nw.lock_study()`));
    await door.withActor(here, add);
  });

  test("is not said by whoever founds it", async () => {
    const { principal_investigator: pi } = study.members;
    const founder: Actor = { role: "person", personId: pi.personId, studyId: null, siteId: null, membershipId: null };
    const found = (state?: string) =>
      door
        .withActor(founder, (tx) => founding(tx, randomUUID(), pi.personId, state))
        .then(
          () => "done",
          (error: { code?: string }) => error.code,
        );
    expect(await found("locked")).toBe("42501");
    expect(await found()).toBe("done");
  });
});

test("no trigger speaks before the row's policy, but those named here, which look at nothing", async () => {
  const before = await admin`
    select distinct p.proname as name, p.prosrc ~* '\\mraise\\M' as raises, p.prosrc ~* '\\m(from|perform)\\M' as looks
      from pg_trigger t join pg_proc p on p.oid = t.tgfoid
     where not t.tgisinternal and t.tgtype & 2 = 2 order by 1`;
  expect(before.map(({ name, raises, looks }) => ({ name, raises, looks }))).toEqual([
    // Sets what a list shows; what it cannot set, an AFTER trigger refuses.
    { name: "as_the_protocol_says", raises: false, looks: true },
    // Sets since when a role counts.
    { name: "confirm_or_wait", raises: false, looks: false },
    // Sets the date.
    { name: "date_record", raises: false, looks: false },
    // Sets the site of an event; the trail is written by functions alone.
    { name: "note_site", raises: false, looks: true },
    // The same words for every row.
    { name: "refuse_change", raises: true, looks: false },
  ]);
  // As it was felt: whether a study is locked, what its protocol says, and which jobs it has.
  const [locked, running] = [
    await makeStudy({ door, ownerUrl: database.owner }),
    await makeStudy({ door, ownerUrl: database.owner }),
  ];
  await door.withActor(locked.members.principal_investigator, (tx) => tx.execute(sql`select nw.lock_study()`));
  const { reader } = running.members;
  const as = (role: string, statement: SQL) =>
    door
      .withActor(reader, async (tx) => {
        await tx.execute(sql.raw(`set local role ${role}`));
        await tx.execute(statement);
      })
      .then(
        () => "done",
        (error: { code?: string }) => error.code,
      );
  for (const { studyId } of [locked, running]) {
    expect(await as("nw_coordinator", sql`insert into subject (study_id, number) values (${studyId}, 'X')`)).toBe(
      "42501",
    );
    const [version] = await admin`select protocol_version_id as id from study where id = ${studyId}`;
    for (const condition of ["cohort-1", "none"])
      expect(
        await as(
          "nw_coordinator",
          sql`insert into reading_list (study_id, membership_id, protocol_version_id, condition_key, condition_ordinal, shows, wash_out_days, seed, order_sha256)
            values (${studyId}, ${reader.membershipId}, ${version?.id}, ${condition}, 0, '{}', 0, 1, 'x')`,
        ),
      ).toBe("42501");
    expect(
      await as(
        "nw_data_scientist",
        sql`insert into analysis (id, study_id, methods) values (${randomUUID()}, ${studyId}, 'x')`,
      ),
    ).toBe("42501");
  }
  expect(
    await outcome(
      running.members.coordinator,
      sql`insert into subject (study_id, number) values (${running.studyId}, 'X')`,
    ),
  ).toBe("done");
  expect(
    await outcome(
      locked.members.coordinator,
      sql`insert into subject (study_id, number) values (${locked.studyId}, 'X')`,
    ),
  ).toBe("NW001");
});

test("who did something and when stands in columns that no person's role may name, but those that are set by the moment", async () => {
  const named = await admin`
    select p.table_name || '.' || p.column_name || ' ' || p.privilege_type as what, string_agg(distinct p.grantee, ' ' order by p.grantee) as who
      from information_schema.column_privileges p
     where p.table_schema = 'public' and p.privilege_type in ('INSERT', 'UPDATE') and p.grantee like 'nw\\_%'
       and p.grantee not in ('nw_kernel', 'nw_importer', 'nw_worker')
       and (p.column_name like '%\\_by' or p.column_name like '%\\_at' or p.column_name in ('at', 'transaction')) group by 1 order by 1`;
  expect(named.map(({ what, who }) => `${what} ${who}`)).toEqual([
    // Set by the moment, once (nw.date_record), as are those of memberships and subjects.
    "crop.superseded_at INSERT nw_locating_radiologist",
    "crop.superseded_at UPDATE nw_locating_radiologist",
    // A wish, which a resumption takes back.
    "job.cancel_requested_at UPDATE nw_data_scientist nw_principal_investigator",
    // Of scores that come from elsewhere (nw.refuse_made_up_job).
    "job.ended_at INSERT nw_data_scientist nw_principal_investigator",
    "job.started_at INSERT nw_data_scientist nw_principal_investigator",
    "membership.ended_at UPDATE nw_administrator nw_principal_investigator",
    // The policy has it be the claim's person.
    "study.created_by INSERT nw_person",
    "subject.enrolled_at INSERT nw_coordinator",
    "subject.enrolled_at UPDATE nw_coordinator",
    // When somebody was told is its recorder's word, as the day of a consent is; when it was recorded stands beside it.
    "unblinding.told_at INSERT nw_principal_investigator",
  ]);
});
