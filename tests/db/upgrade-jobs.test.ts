import { randomUUID } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate as runMigrations } from "drizzle-orm/postgres-js/migrator";
import PgBoss from "pg-boss";
import postgres from "postgres";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { migrate } from "@/db/migrate";

/*
 * A database of the version in which runs and tasks told their life themselves, with what waits in its queue.
 */

/** The last migration of that version. */
const before = "0009_true_items";

const name = `jobs_${randomUUID().slice(0, 8)}`;
const at = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` }).toString();
const cluster = postgres(inject("adminUrl"), { max: 1, onnotice: () => {} });
const admin = postgres(at(inject("adminUrl")), { max: 1, onnotice: () => {} });
const owner = postgres(at(inject("ownerUrl")), { max: 1, onnotice: () => {} });
const boss = new PgBoss({ connectionString: at(inject("ownerUrl")), max: 1, supervise: false, schedule: false });
boss.on("error", () => {});

beforeAll(async () => {
  await cluster.unsafe(`create database ${name} owner nodewise_owner`);
  const folder = mkdtempSync(join(tmpdir(), "nodewise-migrations-"));
  cpSync(new URL("../../db/migrations", import.meta.url), folder, { recursive: true });
  const path = join(folder, "meta", "_journal.json");
  const journal: { entries: { tag: string }[] } = JSON.parse(readFileSync(path, "utf8"));
  const end = journal.entries.findIndex(({ tag }) => tag === before) + 1;
  expect(end, `${before} is a migration`).toBeGreaterThan(0);
  writeFileSync(path, JSON.stringify({ ...journal, entries: journal.entries.slice(0, end) }));
  await runMigrations(drizzle(owner), { migrationsFolder: folder });
  rmSync(folder, { recursive: true });
  await boss.start();
  for (const queue of ["train", "task"]) await boss.createQueue(queue);
});
afterAll(async () => {
  await boss.stop({ graceful: false });
  await Promise.all([admin.end(), owner.end()]);
  await cluster.unsafe(`drop database if exists ${name} with (force)`);
  await cluster.end();
});

test("every run and task keeps its state, figures, error and times in its job, and what waits in the queue finds it", async () => {
  const [by, of, snapshot] = [randomUUID(), randomUUID(), randomUUID()];
  const [failed, resumed, waiting, brought] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const [explained, asked, again] = [randomUUID(), randomUUID(), randomUUID()];
  const time = (hour: number) => new Date(Date.UTC(2026, 10, 20, hour));
  const figures = { seconds: 12, imagesPerSecond: 3.5, peakMemoryMb: 900 };
  const about = { study_id: of, snapshot_id: snapshot, created_by: by, created_at: time(1) };
  const network = admin.json({ trainable: "network" });
  const none = {
    job_id: null,
    state: "queued",
    phase: null,
    done: 0,
    total: 0,
    attempts: 0,
    error: null,
    figures: null,
  };
  const times = { started_at: null, ended_at: null, cancel_requested_at: null, heartbeat_at: null };
  const begun = { started_at: time(2), heartbeat_at: time(3) };
  const runs = [
    {
      ...none,
      ...times,
      ...begun,
      id: failed,
      config: network,
      state: "failed",
      phase: "fold 2",
      done: 3,
      total: 9,
      attempts: 2,
      error: "The disk is full.",
      ended_at: time(4),
    },
    {
      ...none,
      ...times,
      ...begun,
      id: resumed,
      config: network,
      job_id: randomUUID(),
      state: "running",
      attempts: 1,
      figures: admin.json(figures),
      cancel_requested_at: time(3),
    },
    { ...none, ...times, id: waiting, config: network },
    {
      ...none,
      ...times,
      id: brought,
      config: admin.json({ trainable: "elsewhere" }),
      state: "done",
      done: 5,
      total: 5,
      started_at: time(2),
      ended_at: time(2),
    },
  ];
  const tasks = [
    {
      id: explained,
      job_id: null,
      state: "done",
      done: 1,
      total: 1,
      error: null,
      result_sha256: "f".repeat(64),
      ended_at: time(5),
      heartbeat_at: time(5),
    },
    {
      id: asked,
      job_id: null,
      state: "queued",
      done: 0,
      total: 0,
      error: null,
      result_sha256: null,
      ended_at: null,
      heartbeat_at: null,
    },
    {
      id: again,
      job_id: randomUUID(),
      state: "running",
      done: 2,
      total: 7,
      error: null,
      result_sha256: null,
      ended_at: null,
      heartbeat_at: time(5),
    },
  ];
  await admin.begin(async (run) => {
    // As an earlier time left them: no trigger looks at how they came about.
    await run`set local session_replication_role = replica`;
    await run`insert into person (id, email, name) values (${by}, 'somebody@example.org', 'Somebody')`;
    await run`insert into study (id, slug, name, created_by) values (${of}, 'one', 'One', ${by})`;
    await run`insert into dataset_snapshot (id, study_id, split_unit, folds, seed, sha256, created_by) values (${snapshot}, ${of}, 'patient', 2, 1, 'x', ${by})`;
    for (const row of runs) await run`insert into model_run ${run({ ...about, ...row })}`;
    for (const row of tasks)
      await run`insert into run_task ${run({ study_id: of, run_id: failed, kind: "score", created_by: by, created_at: time(1), ...row })}`;
  });
  await boss.send("train", { runId: waiting, studyId: of }, { id: waiting });
  await boss.send("task", { taskId: again, studyId: of }, { id: tasks[2]?.job_id ?? "" });

  const password = (url: string) => decodeURIComponent(new URL(url).password);
  await migrate({
    adminUrl: inject("adminUrl"),
    passwords: {
      owner: password(inject("ownerUrl")),
      web: password(inject("webUrl")),
      worker: password(inject("workerUrl")),
    },
    actorSecret: inject("actorSecret"),
    database: name,
  });

  const jobs = new Map((await admin`select * from job`).map((job) => [job.id, job]));
  expect(jobs.size).toBe(runs.length + tasks.length);
  for (const { config: _, job_id, figures: kept, ...row } of runs) {
    const kind = row.id === brought ? "import" : "train";
    expect(jobs.get(row.id), row.state).toMatchObject({
      ...row,
      created_by: by,
      created_at: time(1),
      study_id: of,
      kind,
      queue_id: job_id ?? row.id,
    });
    expect(jobs.get(row.id)?.figures, row.state).toEqual(kept && figures);
  }
  for (const { result_sha256: _, job_id, ...row } of tasks)
    expect(jobs.get(row.id), row.state).toMatchObject({
      ...row,
      created_by: by,
      created_at: time(1),
      kind: "task",
      queue_id: job_id ?? row.id,
    });
  expect(await admin`select result_sha256 from run_task where id = ${explained}`).toEqual([
    { result_sha256: "f".repeat(64) },
  ]);
  expect(await admin`select config from model_run where id = ${brought}`).toEqual([
    { config: { trainable: "elsewhere" } },
  ]);
  const queued =
    await admin`select j.id from pgboss.job q join job j on j.queue_id = q.id and q.data = jsonb_build_object('jobId', j.id, 'studyId', j.study_id)`;
  expect(queued.map(({ id }) => id).sort()).toEqual([waiting, again].sort());
});
