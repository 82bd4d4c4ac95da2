import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { getTableColumns, is } from "drizzle-orm";
import { PgTable } from "drizzle-orm/pg-core";
import { describe, expect, test } from "vitest";
import * as schema from "@/db/schema";
import { auditActions } from "@/server/audit";

/*
 * A value that a column may hold, or a deed that the trail may name, and that no code writes, is a state nobody ever meets. The values are looked
 * for as quoted words in what writes: a common word can hide here, a dead one cannot stay.
 */

/** The text of every file that writes records or offers what to write, without comments. */
const writers = ["app", "core", "db/functions", "scripts/cli", "server/services", "worker", "server/jobs.ts"]
  .flatMap((room) =>
    room.endsWith(".ts")
      ? [room]
      : readdirSync(room, { recursive: true, encoding: "utf8" })
          .filter((name) => /\.(ts|tsx|sql)$/.test(name))
          .map((name) => join(room, name)),
  )
  .map((path) =>
    readFileSync(path, "utf8")
      .replace(/\/\*[\s\S]*?\*\//g, "")
      .replace(/^\s*(\/\/|--).*$/gm, ""),
  )
  .join("\n");
const isWritten = (word: string) => ["'", '"', "`"].some((quote) => writers.includes(`${quote}${word}${quote}`));

const tables = Object.values(schema).filter((each) => is(each, PgTable));
const allowed: { name: string; values: readonly string[] }[] = tables.flatMap((table) =>
  Object.values(getTableColumns(table)).map(({ name, enumValues = [] }) => ({ name, values: enumValues })),
);

describe("nothing is kept for what never happens", () => {
  test("every value of an enum is written by some code", () => {
    expect(allowed.filter(({ values }) => values.length > 0).length).toBeGreaterThan(10);
    expect(
      allowed.flatMap(({ name, values }) =>
        values.filter((value) => !isWritten(value)).map((value) => `${name}: ${value}`),
      ),
    ).toEqual([]);
  });

  test("every deed that the audit trail names is recorded by some code", () => {
    expect(auditActions.length).toBeGreaterThan(25);
    expect(auditActions.filter((action) => !isWritten(action))).toEqual([]);
  });

  test("and what nobody writes is found", () => {
    expect(isWritten("locked")).toBe(true);
    expect(isWritten("pathology.reported")).toBe(true);
    expect(isWritten("study.unmade")).toBe(false);
  });
});
