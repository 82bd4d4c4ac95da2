import postgres from "postgres";
import { expect, test } from "vitest";
import { databaseAnswers } from "@/server/health";
import { freshDatabase } from "@/tests/support/database";

const database = await freshDatabase();

test("the health answer is yes while the database answers, no while it is away, and yes again afterwards", async () => {
  const admin = postgres(database.admin.replace(`/${database.name}`, "/postgres"), { max: 1, onnotice: () => {} });
  const allow = (connections: boolean) =>
    admin.unsafe(`alter database ${database.name} allow_connections ${connections}`);
  try {
    expect(await databaseAnswers()).toBe(true);
    await allow(false);
    await admin`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${database.name}`;
    expect(await databaseAnswers()).toBe(false);
    expect(await databaseAnswers()).toBe(false);
    await allow(true);
    await expect.poll(databaseAnswers, { timeout: 5_000 }).toBe(true);
  } finally {
    await allow(true);
    await admin.end();
  }
});
