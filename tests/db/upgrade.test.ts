import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import PgBoss from "pg-boss";
import type postgres from "postgres";
import { afterAll, expect, inject, test } from "vitest";
import { openDoor, type StudyRole } from "@/db/actor";
import { type StudyActor, door as serverDoor } from "@/server/door";
import { listSubjects } from "@/server/services/enrolment/list-subjects";
import { modelCard } from "@/server/services/model/model-card";
import { onceJudged } from "@/server/services/model/once-judged";
import { listWorklist } from "@/server/services/pathology/list-worklist";
import { catalogOf } from "../support/catalog";
import { oldInstallation } from "../support/installation";
import { compare, computeAs } from "../support/model-runs";

/*
 * An installation of 2283b68: the demonstration with its trained network, a study that was walked by hand (a corrected report, a replaced crop, a
 * second size, an excluded node, an ended member, a second protocol version) and one that was imported.
 */

const closing: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
});

/** A database of a test's own, empty or with what that installation held. */
async function database(options: { filled?: boolean } = {}) {
  const made = await oldInstallation(options);
  closing.push(made.remove);
  return made;
}

/** Tables of 2283b68 that have another shape today, as they were: told from today's rows. */
const asItWas: Record<string, string> = {
  crop: "select c.*, coalesce(scaled_from_width, width) as source_width, coalesce(scaled_from_height, height) as source_height from crop c",
  // A job with no id of its own in the queue has its own there.
  model_run: `
    select j.*, nullif(j.queue_id, j.id) as job_id, r.snapshot_id, r.sweep_id, r.companion_of, r.config, r.environment from model_run r join job j using (id, study_id)`,
  run_task: `
    select j.*, nullif(j.queue_id, j.id) as job_id, t.run_id, t.kind, t.crop_id, t.variant, t.result_sha256, t.result_type, t.result_name, t.detail
      from run_task t join (select id, study_id, queue_id, state, done, total, error, created_by, created_at, ended_at, heartbeat_at from job) j using (id, study_id)`,
  analysis_result: `
    select a.id, a.study_id, a.run_id, r.input_sha256 as sha256, r.result, j.created_by, r.created_at
      from analysis_result r join analysis a on a.id = r.analysis_id join job j on j.id = a.id`,
  read: "select r.*, case_id as crop_id from read r",
  reading_list: "select l.*, 'size' = any (shows) as shows_size from reading_list l",
  reading_slot: "select s.*, case_id as crop_id from reading_slot s",
  stored_object: "select * from stored_object where bytes is not null",
};

/** Tables of 2283b68 that are no more: what `baseline` held, a test of its own finds; wrong passwords of a quarter of an hour are counted anew. */
const gone = ["baseline", "sign_in_failure"];

/** Every row of every table, as sorted JSON: of the given tables and columns, or of all there are. */
async function contents(admin: postgres.Sql, columns?: ReadonlyMap<string, readonly string[]>) {
  const tables = columns
    ? [...columns.keys()].filter((name) => !gone.includes(name)).map((name) => ({ name }))
    : await admin`select tablename as name from pg_tables where schemaname = 'public' order by 1`;
  const rows = new Map<string, string[]>();
  const names = new Map<string, readonly string[]>();
  for (const { name } of tables) {
    const all =
      await admin`select column_name as column from information_schema.columns where table_schema = 'public' and table_name = ${name}`;
    const kept = columns?.get(name) ?? all.map(({ column }) => String(column));
    names.set(name, kept);
    const found = await admin.unsafe(
      `select (select jsonb_object_agg(key, value) from jsonb_each(to_jsonb(x)) where key = any($1))::text as row from (${(columns && asItWas[name]) ?? `select * from ${name}`}) x order by 1`,
      [[...kept]],
    );
    rows.set(
      name,
      found.map(({ row }) => String(row)),
    );
  }
  return { rows, names };
}

test("an installation of 2283b68 keeps every row, and its reports name their matches", async () => {
  const { admin, upgrade, webUrl, workerUrl } = await database();
  const [somebody] =
    await admin`insert into person (email, name) values ('somebody@example.org', 'Somebody') returning id`;
  await admin`insert into credential (person_id, password_hash) values (${somebody?.id}, 'x')`;
  const before = await contents(admin);
  await upgrade();
  const after = await contents(admin, before.names);
  for (const [table, rows] of before.rows) {
    if (gone.includes(table)) continue;
    expect(after.rows.get(table), table).toEqual(rows);
    // What stands in the trail of an installation or waits in it; a table that is filled by no walk would prove nothing here.
    if (table !== "session") expect(rows.length, `${table} had rows`).toBeGreaterThan(0);
  }
  // Sex, age and T stage are items of the protocol now: one row became one value for each that it had.
  const byItem = before.rows.get("baseline")?.flatMap((json) => {
    const { study_id, subject_id, recorded_by, recorded_at, ...row } = JSON.parse(json);
    return ["sex", "age_years", "t_stage"]
      .filter((key) => row[key] !== null)
      .map((key) => ({ study_id, subject_id, item_key: key, value: row[key], recorded_by, recorded_at }));
  });
  const values = await admin`
    select to_jsonb(v) - '{id,protocol_version_id,reason}'::text[] as row, p.study_id = v.study_id and p.created_at <= v.recorded_at as version
      from baseline_value v join protocol_version p on p.id = v.protocol_version_id`;
  const sorted = (rows: readonly object[] = []) =>
    rows.map((row) => JSON.stringify(Object.entries(row).toSorted())).toSorted();
  expect(sorted(values.map(({ row }) => row))).toEqual(sorted(byItem));
  expect(values.every(({ version }) => version)).toBe(true);

  // A file that a task had made was noted nowhere; it is one of its study now.
  const noted = await admin`select study_id, sha256 from stored_object where bytes is null`;
  expect(noted).toHaveLength(1);
  expect(noted).toEqual(
    await admin`select study_id, result_sha256 as sha256 from run_task where result_sha256 is not null`,
  );

  const reports = await admin`
    select r.match_id = (select m.id from node_match m where m.node_id = r.node_id and m.matched_at <= r.reported_at order by m.matched_at desc limit 1) as right,
           r.match_id is null as without, r.result = 'not_found' as "notFound" from pathology_report r`;
  expect(reports.filter(({ without }) => without).every(({ notFound }) => notFound)).toBe(true);
  expect(reports.filter(({ without }) => !without).every(({ right }) => right)).toBe(true);

  // Whoever made an account knew its password, and nobody could change it; the demonstration's is everybody's.
  const passwords = await admin`
    select p.email like '%@demo.nodewise.example' as known, p.demonstration, c.must_change from credential c join person p on p.id = c.person_id`;
  expect(new Set(passwords.map(({ known }) => known))).toEqual(new Set([true, false]));
  for (const { known, demonstration, must_change } of passwords)
    expect({ demonstration, must_change }).toEqual({ demonstration: known, must_change: !known });

  // Roles that were given before a second person was asked for go on.
  const roles = await admin`select confirmed_at = created_at as since, confirmed_by, given_by from membership`;
  expect(new Set(roles.map((role) => JSON.stringify(role)))).toEqual(
    new Set([JSON.stringify({ since: true, confirmed_by: null, given_by: null })]),
  );

  Object.assign(process.env, {
    DATABASE_URL: webUrl,
    NODEWISE_ACTOR_SECRET: inject("actorSecret"),
    NODEWISE_STORE: tmpdir(),
  });
  const door = serverDoor();
  closing.unshift(() => door.close());
  const actorIn = async (study: string, role: StudyRole): Promise<StudyActor> => {
    const [row] = await admin`
      select m.id, m.study_id, m.person_id, m.site_id from membership m join study s on s.id = m.study_id
       where s.name like ${study} and m.role = ${role} and m.ended_at is null limit 1`;
    if (!row) throw new Error(`${study} has no ${role}`);
    return { role, studyId: row.study_id, personId: row.person_id, siteId: row.site_id, membershipId: row.id };
  };
  const [run] =
    await admin`select r.id, r.study_id, s.name from model_run r join study s on s.id = r.study_id where r.config ->> 'trainable' = 'head'`;
  const scientist = await actorIn(run?.name, "data_scientist");
  const comparison = await door.withActor(scientist, (tx) => compare(tx, scientist));
  expect(comparison.about).toMatchObject({ images: 282, positiveImages: 125, run: { id: run?.id } });
  const workerDoor = openDoor({ url: workerUrl, secret: inject("actorSecret"), max: 2 });
  closing.unshift(() => workerDoor.close());
  const worker = {
    role: "worker",
    personId: null,
    studyId: scientist.studyId,
    siteId: null,
    membershipId: null,
  } as const;
  const { card } = await onceJudged(
    scientist,
    (tx) => modelCard(tx, scientist, { runId: run?.id, locale: "en" }),
    (analysisId) => computeAs((fn) => workerDoor.withActor(worker, fn), analysisId),
  );
  expect(card?.markdown).toContain(run?.name);
  const coordinator = await actorIn("Walked", "coordinator");
  expect(await door.withActor(coordinator, (tx) => listSubjects(tx, coordinator))).toHaveLength(4);
  const pathologist = await actorIn("Walked", "pathologist");
  const worklist = await door.withActor(pathologist, (tx) => listWorklist(tx, pathologist));
  expect(
    worklist.flatMap(({ reports: of }) => of.map(({ result, specimen }) => [result, specimen])).toSorted(),
  ).toEqual(
    [
      ["negative", "S1"],
      ["negative", "S1"],
      ["not_found", null],
      ["positive", "S1"],
      ["positive", "S1"],
      ["positive", "S1"],
      ["positive", "S2"],
    ].toSorted(),
  );
});

test("every run and task keeps its life in its job, whatever its state, and what waits in the queue finds it", async () => {
  const { admin, upgrade, ownerUrl } = await database();
  const boss = new PgBoss({ connectionString: ownerUrl, max: 1, supervise: false, schedule: false });
  boss.on("error", () => {});
  closing.unshift(() => boss.stop({ graceful: false, wait: true }));
  await boss.start();
  for (const queue of ["train", "task"]) await boss.createQueue(queue);

  const time = (hour: number) => new Date(Date.UTC(2026, 10, 20, hour)).toISOString();
  const none = { job_id: null, done: 0, total: 0, error: null, ended_at: null, heartbeat_at: null };
  const begun = { started_at: time(2), heartbeat_at: time(3) };
  const unbegun = {
    phase: null,
    attempts: 0,
    figures: null,
    environment: null,
    cancel_requested_at: null,
    started_at: null,
  };
  const [waiting, again] = [randomUUID(), { id: randomUUID(), job_id: randomUUID() }];
  const figures = { seconds: 12, imagesPerSecond: 3.5, peakMemoryMb: 900 };
  const runs = [
    {
      ...none,
      ...unbegun,
      ...begun,
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
      ...unbegun,
      ...begun,
      state: "running",
      job_id: randomUUID(),
      attempts: 1,
      figures,
      cancel_requested_at: time(3),
    },
    { ...none, ...unbegun, state: "cancelled", cancel_requested_at: time(1), ended_at: time(1) },
    { ...none, ...unbegun, state: "queued", id: waiting },
    {
      ...none,
      ...unbegun,
      state: "done",
      config: { trainable: "elsewhere" },
      done: 5,
      total: 5,
      started_at: time(2),
      ended_at: time(2),
    },
  ];
  const tasks = [
    { ...none, state: "queued" },
    { ...none, ...again, state: "running", done: 2, total: 7, heartbeat_at: time(5) },
    { ...none, state: "failed", error: "The disk is full.", ended_at: time(5), heartbeat_at: time(5) },
  ];
  await admin.begin(async (run) => {
    // As an earlier time left them: no trigger looks at how they came about.
    await run`set local session_replication_role = replica`;
    for (const [table, rows] of [
      ["model_run", runs],
      ["run_task", tasks],
    ] as const)
      for (const row of rows)
        await run.unsafe(
          `insert into ${table} select x.* from ${table} t, jsonb_populate_record(null::${table}, to_jsonb(t) || $1) x order by t.id limit 1`,
          [run.json({ id: randomUUID(), ...row })],
        );
  });
  const [of] = await admin`select study_id from model_run where id = ${waiting}`;
  await boss.send("train", { runId: waiting, studyId: of?.study_id }, { id: waiting });
  await boss.send("task", { taskId: again.id, studyId: of?.study_id }, { id: again.job_id });

  const before = await contents(admin);
  await upgrade();
  const after = await contents(admin, before.names);
  for (const table of ["model_run", "run_task"]) expect(after.rows.get(table), table).toEqual(before.rows.get(table));
  const kinds = await admin`
    select j.kind, r.config ->> 'trainable' = 'elsewhere' as elsewhere from model_run r join job j using (id) union all select j.kind, null from run_task t join job j using (id)`;
  for (const { kind, elsewhere } of kinds)
    expect(kind).toBe(elsewhere === null ? "task" : elsewhere ? "import" : "train");
  const queued =
    await admin`select j.id from pgboss.job q join job j on j.queue_id = q.id and q.data = jsonb_build_object('jobId', j.id, 'studyId', j.study_id)`;
  expect(queued.map(({ id }) => id).sort()).toEqual([waiting, again.id].sort());
});

test("an upgraded database is the one that a new installation makes", async () => {
  const [upgraded, made] = [await database(), await database({ filled: false })];
  await upgraded.upgrade();
  await made.upgrade();
  expect(await catalogOf(upgraded.admin)).toEqual(await catalogOf(made.admin));
});

test("an upgrade stops at a row that hangs on another study, names it, changes nothing, and goes on when it is gone", async () => {
  const { admin, upgrade } = await database();
  const [node] = await admin`select id, study_id from node limit 1`;
  const [other] = await admin`select id from study where id <> ${node?.study_id} limit 1`;
  const by = (await admin`select id from person limit 1`)[0]?.id;
  const passing = (run: (tx: postgres.TransactionSql) => Promise<unknown>) =>
    admin.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await run(tx);
    });
  const size = randomUUID();
  await passing(
    (tx) =>
      tx`insert into node_size (id, study_id, node_id, short_axis_mm, measured_by) values (${size}, ${other?.id}, ${node?.id}, 5, ${by})`,
  );
  const before = await catalogOf(admin);
  await expect(upgrade()).rejects.toMatchObject({
    code: "23503",
    constraint_name: "node_size_of_node",
    message: expect.stringContaining(
      `1 row(s) of node_size name by (node_id, study_id) no row of node, for example (${node?.id}, ${other?.id})`,
    ),
  });
  expect(await catalogOf(admin)).toEqual(before);
  await passing((tx) => tx`delete from node_size where id = ${size}`);
  await upgrade();
  expect(await catalogOf(admin)).not.toEqual(before);
});

test("an upgrade takes away signatures that are none, knows whose password a link set, and leaves a study without protocol", async () => {
  const { admin, upgrade } = await database();
  const crops = await admin`select id, signature from crop where signature is not null order by id limit 2`;
  const people = await admin`select person_id as id from credential order by 1 limit 2`;
  const [study] = await admin`select id from study order by id limit 1`;
  await admin.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`update crop set signature = 'zz' where id = ${crops[0]?.id}`;
    await tx`update study set protocol_version_id = null where id = ${study?.id}`;
    await tx`insert into audit_event (role, action, entity, entity_id) values ('nw_sign_in', 'password.link_used', 'person', ${people[0]?.id})`;
  });
  await upgrade();
  const ids = crops.map(({ id }) => id);
  expect([...(await admin`select signature from crop where id in ${admin(ids)} order by id`)]).toEqual([
    { signature: null },
    { signature: crops[1]?.signature },
  ]);
  const whose = people.map(({ id }) => id);
  expect([
    ...(await admin`select by_link from credential where person_id in ${admin(whose)} order by person_id`),
  ]).toEqual([{ by_link: true }, { by_link: false }]);
  expect(await admin`select 1 from study where id = ${study?.id} and protocol_version_id is null`).toHaveLength(1);
});

test("a database of a version before the baseline is refused untouched, and told which version to start first", async () => {
  const { admin, upgrade } = await database();
  await admin`delete from drizzle.__drizzle_migrations where id = (select max(id) from drizzle.__drizzle_migrations)`;
  const before = await catalogOf(admin);
  await expect(upgrade()).rejects.toThrow(/before 2283b68.*Nothing was changed\. Start version 2283b68 on it once/);
  expect(await catalogOf(admin)).toEqual(before);
});
