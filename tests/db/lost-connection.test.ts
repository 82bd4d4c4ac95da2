import { setTimeout as wait } from "node:timers/promises";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, expect, test } from "vitest";
import { type Actor, openDoor, type Tx } from "@/db/actor";
import { freshDatabase } from "@/tests/support/database";

const database = await freshDatabase();
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
const door = openDoor({ url: database.web, secret: database.actorSecret, max: 1 });
afterAll(async () => {
  await door.close();
  await admin.end();
});

function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

const nobody: Actor = { role: "sign_in", personId: null, studyId: null, siteId: null, membershipId: null };
const session = async (tx: Tx) => {
  const [row] = await tx.execute<{ pid: number; role: string }>(
    sql`select pg_backend_pid() as pid, current_user::text as role`,
  );
  if (!row) throw new Error("there is no session");
  return row;
};
const end = (pid: number) => admin`select pg_terminate_backend(${pid}, 5000)`;
const ofConnection = { name: "DatabaseError", isOfConnection: true };

// An exception that nobody catches fails the run: vitest names it.
test("a transaction that lost its connection ends with one error, whatever it says afterwards, and the next one works", async () => {
  const later: unknown[] = [];
  const lost = door.withActor(nobody, async (tx) => {
    await end((await session(tx)).pid);
    await wait(50);
    for (let i = 0; i < 3; i++) later.push(await session(tx).catch((error: unknown) => error));
  });
  await expect(lost).rejects.toMatchObject(ofConnection);
  await expect.poll(() => later.length).toBe(3);
  for (const answer of later) expect(answer).toBeInstanceOf(Error);
  expect(await door.withActor(nobody, session)).toMatchObject({ role: "nw_sign_in" });
});

test("a statement that is under way when the connection is lost fails, and so does the transaction", async () => {
  const pid = deferred<number>();
  const lost = door.withActor(nobody, async (tx) => {
    pid.resolve((await session(tx)).pid);
    await tx.execute(sql`select pg_sleep(20)`);
  });
  lost.catch(() => {});
  await end(await pid.promise);
  await expect(lost).rejects.toMatchObject(ofConnection);
});

test("what is left of a lost transaction says nothing in the next one, which has the connection's place", async () => {
  const go = deferred<void>();
  const said = deferred<unknown>();
  const lost = door.withActor(nobody, async (tx) => {
    await end((await session(tx)).pid);
    await go.promise;
    said.resolve(await tx.execute(sql`set local application_name = 'left over'`).catch((error: unknown) => error));
  });
  await expect(lost).rejects.toMatchObject(ofConnection);
  await door.withActor(nobody, async (tx) => {
    await session(tx);
    go.resolve();
    expect(await said.promise).toBeInstanceOf(Error);
    const [name] = await tx.execute<{ name: string }>(sql`select current_setting('application_name') as name`);
    expect(name?.name).toBe("nodewise");
  });
});

test("a transaction in which nothing is said is ended by the database, and that is no fault of the process", async () => {
  const idle = door.withActor(nobody, async (tx) => {
    await tx.execute(sql`set local idle_in_transaction_session_timeout = 100`);
    await wait(600);
    await session(tx);
  });
  await expect(idle).rejects.toThrow();
  expect(await door.withActor(nobody, session)).toMatchObject({ role: "nw_sign_in" });
});

test("web and worker have an end to every statement and to every silence in a transaction", async () => {
  for (const [url, statement] of [
    [database.web, "1min"],
    [database.worker, "5min"],
  ] as const) {
    const login = postgres(url, { max: 1, onnotice: () => {} });
    expect(await login`show statement_timeout`).toMatchObject([{ statement_timeout: statement }]);
    expect(await login`show idle_in_transaction_session_timeout`).toMatchObject([
      { idle_in_transaction_session_timeout: "1min" },
    ]);
    await login.end();
  }
});

test("a transaction whose claim was refused says nothing, whatever its work was doing meanwhile, and ends before the next; control: by a role that there is it says who it is", async () => {
  const heard: string[] = [];
  const work = async (tx: Tx) => {
    await wait(50);
    try {
      heard.push((await session(tx)).role);
    } catch (error) {
      heard.push("nothing");
      throw error;
    }
  };
  const unknown = { ...nobody, role: "stranger" as Actor["role"] };
  await expect(door.withActor(unknown, work)).rejects.toMatchObject({ name: "DatabaseError", code: "22023" });
  expect(heard).toEqual(["nothing"]);
  await door.withActor(nobody, work);
  expect(heard).toEqual(["nothing", "nw_sign_in"]);
});
