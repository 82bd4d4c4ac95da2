import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Actor, Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { importReads } from "@/server/services/import/import-reads";
import { takeOn } from "../support/claim";
import { freshDatabase } from "../support/database";
import { addPatient, draw, type MadeStudy, makeStudy, noSign, readCases, submitBy, submitting } from "../support/study";

/*
 * Whoever looks ahead, or at the order of others, with raw SQL and leaves no trace: statements in whatever order, undone afterwards. Control: the same statements, each in a
 * transaction that ends well, go through the schedule, and each step stands in the trail.
 */

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

const cases = 6;
let study: MadeStudy;
let reader: StudyActor;
let reader2: StudyActor;

beforeEach(async () => {
  study = await makeStudy({ door, ownerUrl: database.owner });
  ({ reader, reader2 } = study.members);
  for (const seed of [1, 2])
    await addPatient(door, study, { name: `Patient ${seed}`, shortAxisMm: 4 + seed, positive: false, seed });
  await draw(door, study);
});

/** Whatever a reader writes. */
const trace = async () => {
  const [counts] = await admin`
    select (select count(*) from reading_view) as views, (select count(*) from read) as reads, (select count(*) from reading_progress) as progress,
           (select count(*) from audit_event where action like 'case.%' or action like 'read.%') as events`;
  return counts;
};

/** Begins the transaction anew as raw SQL can, at another isolation level, and with a claim as if the server had given one there. */
async function again(tx: Tx, level: string, actor: Actor) {
  await tx.execute(sql.raw(`commit; begin isolation level ${level}`));
  await takeOn((text) => tx.execute(sql.raw(text)), actor, database.actorSecret);
}

type Seen = { slots: Set<string>; sizes: Set<string> };
const nothing = (): Seen => ({ slots: new Set(), sizes: new Set() });

let name: (typeof submitting)[number] = "submit_read";
const submit = (slot: string) => submitBy(name, slot);

/** One step ahead: the case is asked for, looked at and submitted. */
async function step(tx: Tx, seen: Seen) {
  await tx.execute(sql`select nw.open_case('current')`);
  const [shown] = await tx.execute<{ slot_id: string; short_axis_mm: string | null }>(
    sql`select * from nw.current_case()`,
  );
  if (!shown) return;
  seen.slots.add(shown.slot_id);
  if (shown.short_axis_mm !== null) seen.sizes.add(shown.short_axis_mm);
  await tx.execute(submit(shown.slot_id));
}

const undone = new Error("undone");
const andUndo = (work: (tx: Tx) => Promise<void>) =>
  door
    .withActor(reader, async (tx) => {
      await work(tx);
      throw undone;
    })
    .catch((error: unknown) => {
      if (error !== undone) throw error;
    });

/** Steps ahead as far as it goes; each in a savepoint, so that a refused one does not end the transaction. */
async function walk(tx: Tx, seen: Seen) {
  for (let i = 0; i < 3 * cases; i++) await tx.transaction((savepoint) => step(savepoint, seen)).catch(() => {});
}

/** A block of SQL that walks, raises what it saw, and undoes all of it. */
const block = sql`
  do $$
  declare
    c record;
    seen text := '';
  begin
    begin
      for i in 1..20 loop
        perform nw.open_case('current');
        for c in select * from nw.current_case() loop
          seen := seen || c.slot_id || ' ' || coalesce(c.short_axis_mm::text, '-') || E'\n';
          begin
            perform nw.submit_read(c.slot_id, gen_random_uuid(), ${noSign});
          exception when others then null;
          end;
        end loop;
      end loop;
      raise exception 'walked: %', seen;
    exception when raise_exception then
      perform set_config('nodewise.seen', seen, true);
    end;
  end $$`;

describe.each(submitting)("a reader who undoes what was done, and reads by nw.%s,", (each) => {
  beforeAll(() => {
    name = each;
  });

  test("sees no case that was not shown before: not in a transaction that is rolled back", async () => {
    const before = await trace();
    const seen = nothing();
    await andUndo((tx) => walk(tx, seen));
    expect(seen.slots.size).toBe(0);
    expect(await trace()).toEqual(before);

    // Control: with an end to each transaction, all of both conditions, and all in the trail.
    for (let i = 0; i < 2 * cases; i++) {
      await door.withActor(reader, (tx) => tx.execute(sql`select nw.open_case('current')`));
      await door.withActor(reader, (tx) => step(tx, seen));
    }
    expect(seen.slots.size).toBe(2 * cases);
    expect([...seen.sizes].toSorted()).toEqual(["5.00", "6.00"]);
    const after = await trace();
    const more = (what: "views" | "progress") => Number(after?.[what]) - Number(before?.[what]);
    expect([more("views"), more("progress")]).toEqual([2 * cases, 2 * cases]);
  });

  test("nor one beyond the case in hand, whatever stands open, in savepoints and in blocks", async () => {
    await readCases(door, reader, cases - 3);
    await door.withActor(reader, (tx) => tx.execute(sql`select nw.open_case('current')`));
    const before = await trace();
    const seen = nothing();
    await andUndo((tx) => walk(tx, seen));
    expect(seen.slots.size).toBe(1);

    await expect(andUndo(async (tx) => void (await tx.execute(block)))).rejects.toMatchObject({
      message: "permission denied for language plpgsql",
    });
    // Nor where Postgres leaves blocks to everybody, as a rented one may.
    await admin.unsafe(
      "grant usage on language plpgsql to nw_reader; grant execute on function set_config(text, text, boolean) to nw_reader",
    );
    await andUndo(async (tx) => {
      await tx.execute(block);
      const [row] = await tx.execute<{ seen: string }>(sql`select current_setting('nodewise.seen', true) as seen`);
      const lines = new Set(row?.seen.trim().split("\n"));
      expect([...lines]).toEqual([expect.stringMatching(/^[0-9a-f-]{36} -$/)]);
      expect(seen.slots).toContain([...lines][0]?.slice(0, 36));
    });
    expect(await trace()).toEqual(before);
    await admin.unsafe(
      "revoke usage on language plpgsql from nw_reader; revoke execute on function set_config(text, text, boolean) from nw_reader",
    );
  });

  test("sees no case whose showing is not on disk yet, however little the transaction that noted it waits", async () => {
    const fresh = await makeStudy({ door, ownerUrl: database.owner });
    await addPatient(door, fresh, { name: "Patient", shortAxisMm: 6, positive: true, seed: 4 });
    await draw(door, fresh);
    const { reader: hasty } = fresh.members;
    const isOnDisk = async (place: string | undefined) => {
      const [disk] = await admin`select pg_current_wal_flush_lsn() >= ${place ?? ""}::pg_lsn as there`;
      return disk?.there;
    };
    const early: unknown[] = [];
    for (let i = 0; i < 3; i++) {
      await door.withActor(hasty, async (tx) => {
        await tx.execute(sql`set local synchronous_commit = off`);
        await tx.execute(sql`select nw.open_case('current')`);
      });
      const [noted] = await admin<{ place: string }[]>`select pg_current_wal_insert_lsn()::text as place`;
      early.push(await isOnDisk(noted?.place));
      const [shown] = await door.withActor(hasty, (tx) =>
        tx.execute<{ slot_id: string }>(sql`select slot_id from nw.current_case()`),
      );
      expect(await isOnDisk(noted?.place)).toBe(true);
      await door.withActor(hasty, (tx) => tx.execute(submit(shown?.slot_id ?? "")));
    }
    // Control: nobody else puts it there at once.
    expect(early).toContain(false);
  });

  test("is in the trail with the first showing of a case: a change of what is shown tells nobody whose case is in hand", async () => {
    const fresh = await makeStudy({ door, ownerUrl: database.owner });
    await addPatient(door, fresh, { name: "Patient", shortAxisMm: 6, positive: true, seed: 5 });
    await draw(door, fresh);
    const open = () =>
      door.withActor(fresh.members.reader, (tx) => tx.execute(sql`select nw.open_case('current') as is_open`));
    const noted = async () => {
      const [counts] = await admin`
        select (select count(*)::int from reading_view where study_id = ${fresh.studyId}) as views,
               (select count(*)::int from audit_event where study_id = ${fresh.studyId} and action = 'case.shown') as events`;
      return counts;
    };
    await open();
    expect(await noted()).toEqual({ views: 1, events: 1 });
    // As if its size had been measured anew.
    await admin.begin(async (run) => {
      await run`set local session_replication_role = replica`;
      await run`update reading_view set shown_sha256 = ${"0".repeat(64)} where study_id = ${fresh.studyId}`;
    });
    expect([...(await open())]).toEqual([{ is_open: true }]);
    expect(await noted()).toEqual({ views: 2, events: 1 });

    // Nor the one that is opened again, to be corrected.
    await readCases(door, fresh.members.reader, 1);
    const again = () => door.withActor(fresh.members.reader, (tx) => tx.execute(sql`select nw.open_case('previous')`));
    const openedAgain = async () =>
      (await admin`select from audit_event where study_id = ${fresh.studyId} and action = 'case.shown_again'`).length;
    await again();
    expect(await openedAgain()).toBe(1);
    await admin.begin(async (run) => {
      await run`set local session_replication_role = replica`;
      await run`update reading_view set shown_sha256 = ${"1".repeat(64)} where study_id = ${fresh.studyId}`;
    });
    await again();
    expect(await openedAgain()).toBe(1);
  });

  test("finds the progress, and with it the end of the wash-out, as earlier transactions left it", async () => {
    const done = (tx: Tx) =>
      tx.execute<{ done: number }>(sql`select done from nw.my_lists() order by condition_ordinal`);
    await andUndo(async (tx) => {
      await tx.execute(sql`select nw.open_case('current')`);
      expect([...(await done(tx))]).toEqual([{ done: 0 }, { done: 0 }]);
    });
    const [shown] = await readCases(door, reader, 1);
    await door.withActor(reader, async (tx) => {
      const [next] = await tx.execute<{ slot_id: string }>(sql`select slot_id from nw.current_case()`);
      expect(next?.slot_id).not.toBe(shown?.slotId);
      await tx.execute(submit(next?.slot_id ?? ""));
      expect([...(await done(tx))]).toEqual([{ done: 1 }, { done: 0 }]);
      expect([...(await tx.execute(sql`select * from nw.current_case()`))]).toEqual([]);
    });
    expect([...(await door.withActor(reader, done))]).toEqual([{ done: 2 }, { done: 0 }]);
  });

  test("corrects nothing that another read of the same transaction was submitted after", async () => {
    await readCases(door, reader, 1);
    await door.withActor(reader, (tx) => tx.execute(sql`select nw.open_case('previous')`));
    const correct = (tx: Tx, slot: string) =>
      tx.execute(sql`select nw.correct_read(${slot}::uuid, ${randomUUID()}::uuid, 'A slip', ${noSign})`);
    const both = (submitFirst: boolean) =>
      door.withActor(reader, async (tx) => {
        const [previous] = await tx.execute<{ slot_id: string }>(sql`select slot_id from nw.previous_case()`);
        const [current] = await tx.execute<{ slot_id: string }>(sql`select slot_id from nw.current_case()`);
        if (submitFirst) await tx.execute(submit(current?.slot_id ?? ""));
        await correct(tx, previous?.slot_id ?? "");
      });
    await expect(both(true)).rejects.toMatchObject({ constraint: "correction_out_of_turn" });
    await expect(both(false)).resolves.toBeUndefined();
  });

  test("corrects nothing from a transaction that goes on seeing the turn as it was, before later reads and their sizes", async () => {
    await readCases(door, reader, cases);
    await readCases(door, reader2, cases);
    for (const [level, outcome] of [
      ["repeatable read", { constraint: "needs_read_committed" }],
      ["serializable", { constraint: "needs_read_committed" }],
      ["read committed", { constraint: "correction_out_of_turn" }],
    ] as const) {
      await readCases(door, reader, 1);
      await door.withActor(reader, (tx) => tx.execute(sql`select nw.open_case('previous')`));
      const corrected = door.withActor(reader, async (tx) => {
        await again(tx, level, reader);
        const [previous] = await tx.execute<{ slot_id: string; short_axis_mm: string }>(
          sql`select slot_id, short_axis_mm from nw.previous_case()`,
        );
        expect(previous?.short_axis_mm).toMatch(/^[56]/);
        // On another connection.
        expect(await readCases(door, reader, 1)).toHaveLength(1);
        await tx.execute(
          sql`select nw.correct_read(${previous?.slot_id}::uuid, ${randomUUID()}::uuid, 'Seen since', ${noSign})`,
        );
      });
      await expect(corrected, level).rejects.toMatchObject(outcome);
    }
    // Control: where no other read was between, it is taken.
    await door.withActor(reader2, (tx) => tx.execute(sql`select nw.open_case('current')`));
    await readCases(door, reader2, 1);
    await door.withActor(reader2, (tx) => tx.execute(sql`select nw.open_case('previous')`));
    const [taken] = await door.withActor(reader2, async (tx) => {
      await again(tx, "read committed", reader2);
      return tx.execute(
        sql`select nw.correct_read((select slot_id from nw.previous_case()), ${randomUUID()}::uuid, 'A slip', ${noSign}) as answer`,
      );
    });
    expect(taken).toEqual({ answer: "accepted" });
  });

  test.each(["repeatable read", "serializable"])(
    "asks nothing and holds no lock at %s, in whatever role",
    async (level) => {
      for (const actor of Object.values(study.members))
        for (const statement of [
          sql`select from membership`,
          sql`select nw.claim(1)`,
          ...(actor.role === "administrator" || actor.role === "principal_investigator"
            ? [
                sql`insert into membership (study_id, person_id, role) values (${study.studyId}, ${actor.personId}, 'monitor')`,
              ]
            : []),
          ...(actor.role === "reader" || actor.role === "monitor"
            ? []
            : [sql`select nw.hold('reading schedule of a study', ${study.studyId})`]),
        ]) {
          const at = (isolation: string) =>
            door
              .withActor(actor, async (tx) => {
                await again(tx, isolation, actor);
                await tx.execute(statement);
              })
              .then(
                () => "done",
                (error: { code?: string; constraint?: string }) => error.constraint ?? error.code,
              );
          expect(await at(level), actor.role).toBe("needs_read_committed");
          expect(await at("read committed"), actor.role).not.toBe("needs_read_committed");
        }
    },
  );

  test("has the next case noted as shown with the read before it, so that a crash between costs nothing", async () => {
    await readCases(door, reader, 1);
    const [next] = await door.withActor(reader, (tx) => tx.execute(sql`select position from nw.current_case()`));
    expect(next).toEqual({ position: 2 });
    await readCases(door, reader, cases - 1);
    // But no case of the next list: that one is opened by the reader.
    expect([...(await door.withActor(reader, (tx) => tx.execute(sql`select * from nw.current_case()`)))]).toEqual([]);
  });
});

describe("the order of a reader, before the lock,", () => {
  test.each(["coordinator", "locating_radiologist"] as const)(
    "is not told to the %s by what is left to read of a node that leaves the study and is brought back",
    async (role) => {
      const actor = study.members[role];
      const nodes = await admin<{ id: string; subject: string }[]>`
        select id, subject_id as subject from node where study_id = ${study.studyId} order by id`;
      await readCases(door, reader, cases - 2);
      const lengths = async (tx: Tx) => [
        ...(await tx.execute(sql`select nw.study_counts(3) ->> 'readsScheduled' as n`)),
        ...(role === "coordinator"
          ? await tx.execute(
              sql`select condition_key, nw.list_length(id) as n from reading_list order by 1, membership_id`,
            )
          : []),
      ];
      const leave = (node: { id: string; subject: string } | undefined) =>
        role === "coordinator"
          ? sql`insert into consent_withdrawal (study_id, subject_id, withdrawn_on, scope) values (${study.studyId}, ${node?.subject}, current_date, 'no_further_use')`
          : sql`insert into node_exclusion (study_id, node_id, reason) values (${study.studyId}, ${node?.id}, 'x')`;
      const before = await door.withActor(actor, lengths);
      for (const node of nodes) {
        const looked = door.withActor(actor, async (tx) => {
          await tx.execute(leave(node));
          expect(await lengths(tx)).toEqual(before);
          throw undone;
        });
        await expect(looked).rejects.toBe(undone);
        const inSavepoint = door.withActor(actor, async (tx) => {
          await tx.transaction((savepoint) => savepoint.execute(leave(node)));
          await tx.transaction(async (savepoint) => expect(await lengths(savepoint)).toEqual(before));
          expect(await lengths(tx)).toEqual(before);
          throw undone;
        });
        await expect(inSavepoint).rejects.toBe(undone);
      }
      // Control: for good, and in the trail, the places that are unread leave the lists.
      await door.withActor(actor, (tx) => tx.execute(leave(nodes[0])));
      expect(await door.withActor(actor, lengths)).not.toEqual(before);
    },
  );

  test.each(["coordinator", "locating_radiologist"] as const)(
    "is not told to the %s, nor which cases have reads that were imported, by what is lacking of a node that leaves the study and is brought back",
    async (role) => {
      const made = await makeStudy({ door, ownerUrl: database.owner });
      const actor = made.members[role];
      const nodes: Awaited<ReturnType<typeof addPatient>>[] = [];
      for (const seed of [1, 2, 3, 4])
        nodes.push(await addPatient(door, made, { name: "P", shortAxisMm: 6, positive: true, seed, only: ["axial"] }));
      const [, second, , fourth] = nodes;
      const rows = [second, fourth].flatMap((each) =>
        ["R2", "R3"].map((code) => `${code},cohort-1,${each?.number},N1,axial,positive,70`),
      );
      await importReads(
        { ...made.members.principal_investigator, role: "importer" },
        { reads: Buffer.from(["reader,condition,subject,node,plane,call,confidence", ...rows].join("\n")) },
      );
      const readerId = made.members.reader.membershipId;
      const lacking = async (tx: Tx) => [
        // But for what counts the deed itself.
        ...(await tx.execute(
          sql`select nw.study_counts(3) - '{nodesExcluded,withdrawnKept,withdrawnUnused,withdrawnDestroyed}'::text[] as counts`,
        )),
        ...(role === "coordinator"
          ? [
              ...(await tx.execute(
                sql`select * from nw.count_lacking('image', '{axial,sagittal,coronal}', '{cohort-1}')`,
              )),
              ...(await tx.execute(sql`select nw.draw_list(${readerId}::uuid, 'cohort-1')`)),
            ]
          : []),
      ];
      const leave = (node: (typeof nodes)[number] | undefined) =>
        role === "coordinator"
          ? sql`insert into consent_withdrawal (study_id, subject_id, withdrawn_on, scope)
                select ${made.studyId}, subject_id, current_date, 'no_further_use' from node where id = ${node?.nodeId}`
          : sql`insert into node_exclusion (study_id, node_id, reason) values (${made.studyId}, ${node?.nodeId}, 'x')`;
      const looked = async (node?: (typeof nodes)[number]) => {
        let seen: unknown;
        await door
          .withActor(actor, async (tx) => {
            if (node) await tx.execute(leave(node));
            seen = await lacking(tx);
            throw undone;
          })
          .catch((error) => expect(error).toBe(undone));
        return seen;
      };
      const before = await looked();
      for (const node of nodes) expect(await looked(node)).toEqual(before);
      // Control: for good, and in the trail, they are counted no more.
      await door.withActor(actor, (tx) => tx.execute(leave(second)));
      const without = await looked();
      expect(without).not.toEqual(before);
      await door.withActor(actor, (tx) => tx.execute(leave(nodes[0])));
      expect(await looked()).not.toEqual(without);
    },
  );

  test("hangs on a transaction that nobody names", async () => {
    for (const [actor, statement] of [
      [
        study.members.coordinator,
        sql`insert into consent_withdrawal (study_id, subject_id, withdrawn_on, scope, transaction) select study_id, id, current_date, 'no_further_use', 1 from subject limit 1`,
      ],
      [
        study.members.locating_radiologist,
        sql`insert into node_exclusion (study_id, node_id, reason, transaction) select study_id, id, 'x', 1 from node limit 1`,
      ],
    ] as const)
      await expect(door.withActor(actor, (tx) => tx.execute(statement))).rejects.toMatchObject({ code: "42501" });
  });
});
