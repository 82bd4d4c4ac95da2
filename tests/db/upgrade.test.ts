import { randomUUID } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate as runMigrations } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { migrate } from "@/db/migrate";

/*
 * A database of an earlier version, with a row in it that the foreign keys of 0007 would not have let in.
 */

const name = `upgraded_${randomUUID().slice(0, 8)}`;
const at = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` }).toString();
const cluster = postgres(inject("adminUrl"), { max: 1, onnotice: () => {} });
const admin = postgres(at(inject("adminUrl")), { max: 1, onnotice: () => {} });
const owner = postgres(at(inject("ownerUrl")), { max: 1, onnotice: () => {} });

beforeAll(async () => {
  await cluster.unsafe(`create database ${name} owner nodewise_owner`);
});
afterAll(async () => {
  await Promise.all([admin.end(), owner.end()]);
  await cluster.unsafe(`drop database if exists ${name} with (force)`);
  await cluster.end();
});

/** Migrates as the version whose last migration was this one did. */
async function migrateTo(last: string) {
  const folder = mkdtempSync(join(tmpdir(), "nodewise-migrations-"));
  cpSync(new URL("../../db/migrations", import.meta.url), folder, { recursive: true });
  const path = join(folder, "meta", "_journal.json");
  const journal: { entries: { tag: string }[] } = JSON.parse(readFileSync(path, "utf8"));
  const end = journal.entries.findIndex(({ tag }) => tag === last) + 1;
  expect(end, `${last} is a migration`).toBeGreaterThan(0);
  writeFileSync(path, JSON.stringify({ ...journal, entries: journal.entries.slice(0, end) }));
  await runMigrations(drizzle(owner), { migrationsFolder: folder });
  rmSync(folder, { recursive: true });
}

const upgrade = () => {
  const password = (url: string) => decodeURIComponent(new URL(url).password);
  const passwords = {
    owner: password(inject("ownerUrl")),
    web: password(inject("webUrl")),
    worker: password(inject("workerUrl")),
  };
  return migrate({ adminUrl: inject("adminUrl"), passwords, actorSecret: inject("actorSecret"), database: name });
};

const migrations = async () => (await admin`select 1 from drizzle.__drizzle_migrations`).length;

/** A study with one image, and a snapshot without items. */
async function makeStudy(number: string) {
  const [by, of, subject] = [randomUUID(), randomUUID(), randomUUID()];
  const [node, crop, snapshot] = [randomUUID(), randomUUID(), randomUUID()];
  await admin.begin(async (run) => {
    await run`insert into person (id, email, name) values (${by}, ${`${by}@example.org`}, 'Somebody')`;
    await run`insert into study (id, slug, name, created_by) values (${of}, ${of}, ${of}, ${by})`;
    await run`insert into subject (id, study_id, number, created_by) values (${subject}, ${of}, ${number}, ${by})`;
    await run`insert into node (id, study_id, subject_id, ordinal, label, created_by) values (${node}, ${of}, ${subject}, 1, 'N1', ${by})`;
    await run`insert into crop (id, study_id, node_id, plane, sha256, pixel_sha256, width, height, source_width, source_height, created_by)
      values (${crop}, ${of}, ${node}, 'axial', 'a', 'b', 9, 9, 9, 9, ${by}),
             (${randomUUID()}, ${of}, ${node}, 'coronal', 'c', 'd', 299, 224, 400, 300, ${by})`;
    await run`insert into dataset_snapshot (id, study_id, split_unit, folds, seed, sha256, created_by) values (${snapshot}, ${of}, 'patient', 2, 1, 'x', ${by})`;
  });
  return { of, crop, snapshot, number };
}

test("an upgrade stops at a row that hangs on another study, names it, and goes on when it is gone", async () => {
  await migrateTo("0006_takeover");
  const [ours, theirs] = [await makeStudy("S1"), await makeStudy("S2")];
  const add = (snapshotId = ours.snapshot) => admin`
    insert into dataset_item (snapshot_id, study_id, crop_id, position, subject, sha256, pixel_sha256, truth, fold)
    values (${snapshotId}, ${ours.of}, ${ours.crop}, 0, ${ours.number}, 'a', 'b', 1, 0)`;
  await add();
  await add(theirs.snapshot);

  // As the tables' owner, who sees no row, the key was added without a word.
  await migrateTo("0008_trail");
  const [key] = await admin`select convalidated from pg_constraint where conname = 'dataset_item_of_snapshot'`;
  expect(key?.convalidated).toBe(true);

  const before = await migrations();
  await expect(upgrade()).rejects.toMatchObject({
    code: "23503",
    constraint_name: "dataset_item_of_snapshot",
    message: expect.stringMatching(
      new RegExp(
        `^1 row\\(s\\) of dataset_item name by \\(snapshot_id, study_id\\) no row of dataset_snapshot, for example \\(${theirs.snapshot}, ${ours.of}\\): .* then start again\\.$`,
      ),
    ),
  });
  expect(await migrations()).toBe(before);

  await admin.begin(async (run) => {
    await run`set local session_replication_role = replica`;
    await run`delete from dataset_item where snapshot_id = ${theirs.snapshot}`;
  });
  await upgrade();
  expect(await migrations()).toBeGreaterThan(before);
  expect(await admin`select snapshot_id as id from dataset_item`).toEqual([{ id: ours.snapshot }]);

  // A crop that was scaled down when it came still says from what; of none is the original there.
  const crops = await admin`
    select width, height, scaled_from_width, scaled_from_height, original_sha256, bit_depth from crop where study_id = ${ours.of} order by plane`;
  const unknown = { original_sha256: null, bit_depth: null };
  expect(crops).toEqual([
    { width: 9, height: 9, scaled_from_width: null, scaled_from_height: null, ...unknown },
    { width: 299, height: 224, scaled_from_width: 400, scaled_from_height: 300, ...unknown },
  ]);
});
