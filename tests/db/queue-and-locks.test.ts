import { randomUUID } from "node:crypto";
import { type SQL, sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import type { Actor } from "@/db/actor";
import { actorRoles } from "@/db/schema/roles";
import { lockStudy } from "@/server/services/lock/lock-study";
import { openCase } from "@/server/services/reading/open-case";
import { freshDatabase } from "../support/database";
import { outcomeOf } from "../support/outcome";
import { addPatient, draw, makeStudy, noSign } from "../support/study";

/*
 * Whoever would start work that is not theirs, or keep that of others waiting, with raw SQL. Each refusal has its control.
 */

const database = await freshDatabase();
const { door } = database;
const outcome = outcomeOf(door);

describe("the queue", () => {
  const turn = (queue: string, id: string, data: object, more = { columns: "", values: "" }) =>
    sql.raw(
      `insert into pgboss.job (name, id, data, policy${more.columns}) values ('${queue}', '${id}', '${JSON.stringify(data)}', 'standard'${more.values}) returning id`,
    );

  test("takes the turn of a job from whoever asked for it, and nothing else from anybody", async () => {
    const made = await makeStudy({ door, ownerUrl: database.owner });
    const { principal_investigator: pi, data_scientist: scientist, reader, coordinator } = made.members;
    await door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "Ends here" }));
    const { studyId } = made;
    const [jobId, queueId] = [randomUUID(), randomUUID()];
    await outcome(
      scientist,
      sql`insert into job (id, study_id, kind, queue_id) values (${jobId}, ${studyId}, 'task', ${queueId})`,
    );
    const data = { jobId, studyId };
    const as = (actor: Actor, role: string, statement: SQL) =>
      door
        .withActor(actor, async (tx) => {
          await tx.execute(sql.raw(`set local role ${role}`));
          await tx.execute(statement);
        })
        .then(
          () => "done",
          (error: { code?: string }) => error.code,
        );
    const every = actorRoles.filter((role) => role !== "worker").map((role) => `nw_${role}`);
    for (const actor of [reader, coordinator])
      for (const role of every) expect(await as(actor, role, turn("task", queueId, data)), role).toBe("42501");
    const own = (statement: SQL) => as(scientist, "nw_data_scientist", statement);
    const other = await makeStudy({ door, ownerUrl: database.owner });
    for (const refused of [
      turn("task", randomUUID(), data),
      turn("train", queueId, data),
      turn("task", queueId, { ...data, studyId: other.studyId }),
      turn("task", queueId, { ...data, more: "x".repeat(1000) }),
      turn("task", queueId, data, { columns: ", priority", values: ", 100" }),
      turn("task", queueId, data, { columns: ", singleton_key", values: ", 'x'" }),
      turn("task", queueId, data, { columns: ", output", values: ", '{}'" }),
    ])
      expect(await own(refused)).toBe("42501");
    expect(await own(sql`select pgboss.create_queue('mine', '{}')`)).toBe("42501");
    expect(await own(turn("task", queueId, data))).toBe("done");
    expect(await own(turn("task", queueId, data))).toBe("23505");
    // Whoever asks sees the ids of the own study that wait.
    const seen = (actor: Actor) =>
      door.withActor(actor, async (tx) => [...(await tx.execute(sql`select id from pgboss.job`))]);
    expect(await seen(scientist)).toEqual([{ id: queueId }]);
    await door.withActor(other.members.principal_investigator, (tx) => tx.execute(sql`select nw.lock_study()`));
    expect(await seen(other.members.principal_investigator)).toEqual([]);
  });
});

test("nobody keeps the work of another study waiting, or that of anybody under a role without its claim", async () => {
  const [mine, other] = [
    await makeStudy({ door, ownerUrl: database.owner }),
    await makeStudy({ door, ownerUrl: database.owner }),
  ];
  const held = (actor: Actor, studyId: string, role = `nw_${actor.role}`) =>
    door.withActor(actor, async (tx) => {
      await tx.execute(sql.raw(`set local role ${role}`));
      await tx.execute(sql`select nw.hold('records of a study', ${studyId})`);
      // While it is held: does the work wait?
      return door
        .withActor(other.members.coordinator, async (work) => {
          await work.execute(sql`set local lock_timeout = 300`);
          await work.execute(sql`select nw.hold('records of a study', ${other.studyId})`);
        })
        .then(
          () => "goes on",
          (error: { code?: string }) => error.code,
        );
    });
  await expect(held(mine.members.reader, other.studyId, "nw_coordinator")).rejects.toMatchObject({ code: "42501" });
  expect(await held(mine.members.coordinator, other.studyId)).toBe("goes on");
  // Control: of the own study, whoever works in it waits for whoever works in it.
  expect(await held(other.members.coordinator, other.studyId)).toBe("55P03");
});

test("nobody takes the room for locks of all: a transaction holds some hundreds, but for the operator's imports", async () => {
  const { coordinator } = (await makeStudy({ door, ownerUrl: database.owner })).members;
  const hold = (actor: Actor, locks: number) =>
    door
      .withActor(actor, (tx) =>
        tx.execute(sql`select nw.hold('records of a study', g::text) from generate_series(1, ${locks}::int) g`),
      )
      .then(
        () => "done",
        (error: { code?: string }) => error.code,
      );
  const person: Actor = { ...coordinator, role: "person", studyId: null, membershipId: null };
  for (const actor of [coordinator, person]) {
    expect(await hold(actor, 600)).toBe("53200");
    expect(await hold(actor, 400)).toBe("done");
  }
  expect(await hold({ ...coordinator, role: "importer" }, 600)).toBe("done");
});

test("nobody keeps a reader from submitting by a claim that is of no study, however purpose and key are cut", async () => {
  const made = await makeStudy({ door, ownerUrl: database.owner });
  const { reader, reader2 } = made.members;
  await addPatient(door, made, { name: "Patient", shortAxisMm: 6, positive: true, seed: 1 });
  await draw(door, made);
  const person: Actor = { ...reader, role: "person", studyId: null, membershipId: null };
  const submits = async (holder: Actor, purpose: string, key: string) => {
    await openCase(reader2);
    return door.withActor(holder, async (tx) => {
      await tx.execute(sql`select nw.hold(${purpose}, ${key})`);
      return door
        .withActor(reader2, async (work) => {
          await work.execute(sql`set local lock_timeout = 300`);
          await work.execute(sql`
            select nw.submit_read((select slot_id from nw.current_case()), ${randomUUID()}::uuid, ${noSign})`);
        })
        .then(
          () => "submitted",
          (error: { code?: string }) => error.code,
        );
    });
  };
  const s = made.studyId;
  for (const [purpose, key] of [
    ["reads of a reader", `${s} R3`],
    ["reads of a reader", `${s} ${s} R3`],
    [`reads of a reader ${s}`, `${s} R3`],
  ] as const)
    expect(await submits(person, purpose, key), key).toBe("submitted");
  // Control: that lock it is, of whoever works in the study.
  const importer: Actor = { ...made.members.principal_investigator, role: "importer" };
  await addPatient(door, made, { name: "Another", shortAxisMm: 6, positive: true, seed: 2 });
  await draw(door, made);
  expect(await submits(importer, "reads of a reader", `${s} R3`)).toBe("55P03");
});
