import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { actorRoles } from "@/db/schema/roles";
import { freshDatabase } from "@/tests/support/database";
import { migrateDatabase } from "@/tests/support/installation";
import { addPatient, draw, type MadeStudy, makeStudy, readCases, report } from "@/tests/support/study";

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
const owner = postgres(database.owner, { max: 1, onnotice: () => {} });
let study: MadeStudy;
let nodeId: string;

beforeAll(async () => {
  study = await makeStudy({ door, ownerUrl: database.owner });
  ({ nodeId } = await addPatient(door, study, { name: "Patient", shortAxisMm: 6, positive: true, seed: 1 }));
  await report(door, study, nodeId, "positive");
  await draw(door, study);
  await readCases(door, study.members.reader, 1);
  await makeRunRecords();
});
afterAll(async () => {
  await admin.end();
  await owner.end();
});

/** A sweep of one run with one fold and one score, written past every door: there is nothing to train before the lock. */
async function makeRunRecords() {
  const [by, of] = [study.members.principal_investigator.personId, study.studyId];
  const [snapshotId, sweepId, runId] = [randomUUID(), randomUUID(), randomUUID()];
  const [crop] = await admin`select id from crop where node_id = ${nodeId}`;
  const cropId = crop?.id;
  await admin`insert into dataset_snapshot (id, study_id, split_unit, folds, seed, sha256, created_by) values (${snapshotId}, ${of}, 'patient', 2, 1, 'x', ${by})`;
  await addItem({ snapshotId, studyId: of, cropId });
  await admin`insert into freeze_sweep (id, study_id, snapshot_id, created_by) values (${sweepId}, ${of}, ${snapshotId}, ${by})`;
  await admin`insert into job (id, study_id, kind, state, created_by) values (${runId}, ${of}, 'import', 'done', ${by})`;
  await admin`insert into model_run (id, study_id, snapshot_id, sweep_id, config) values (${runId}, ${of}, ${snapshotId}, ${sweepId}, ${admin.json({ trainable: "elsewhere" })})`;
  await admin`insert into run_fold (run_id, study_id, fold, epochs, chosen_epoch, threshold, training_images, tuning_images) values (${runId}, ${of}, 0, 1, 1, 0.5, 1, 0)`;
  await admin`insert into crop_score (run_id, study_id, crop_id, fold, score) values (${runId}, ${of}, ${cropId}, 0, 0.5)`;
}

/** Adds a crop to a snapshot, with what the records say of it. */
const addItem = ({ snapshotId, studyId, cropId }: { snapshotId: string; studyId: string; cropId: string }) => admin`
  insert into dataset_item (snapshot_id, study_id, crop_id, position, subject, node, sha256, pixel_sha256, width, height, short_axis_mm, truth, fold)
  select ${snapshotId}, ${studyId}, c.id, 0, s.number, n.label, c.sha256, c.pixel_sha256, c.width, c.height,
         (select short_axis_mm from node_size where node_id = n.id order by measured_at desc limit 1),
         (select (result = 'positive')::int from pathology_report where node_id = n.id order by reported_at desc limit 1), 0
    from crop c join node n on n.id = c.node_id join subject s on s.id = n.subject_id where c.id = ${cropId}`;

/** The SQLSTATE of a refusal, or "done". */
const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error: { code?: string; cause?: { code?: string } }) => error.code ?? error.cause?.code ?? String(error),
  );

test("every table has row-level security, for its owner too", async () => {
  const tables = await admin<{ name: string; enabled: boolean; forced: boolean }[]>`
    select relname as name, relrowsecurity as enabled, relforcerowsecurity as forced
      from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`;
  expect(tables.length).toBeGreaterThan(25);
  expect(tables.filter(({ enabled, forced }) => !enabled || !forced)).toEqual([]);
});

test("the kernel sees every row of every table: what it counts is all there is", async () => {
  const [tables] = await admin`select count(*)::int as n from pg_tables where schemaname = 'public'`;
  const policies = await admin`
    select tablename from pg_policies
     where schemaname = 'public' and policyname = 'kernel' and roles = '{nw_kernel}' and cmd = 'ALL' and permissive = 'PERMISSIVE' and qual = 'true'`;
  expect(policies).toHaveLength(tables?.n);
  const [gates] = await admin`
    select count(*)::int as n from pg_policies where permissive <> 'PERMISSIVE' and roles && '{nw_kernel,public}'`;
  expect(gates?.n).toBe(0);
});

test("the logins themselves may touch no table, and are nobody special", async () => {
  const may = async (role: string) =>
    (
      await admin<{ name: string }[]>`
        select tablename as name from pg_tables
         where schemaname = 'public' and has_any_column_privilege(${role}, (select oid from pg_class where relname = tablename and relnamespace = 'public'::regnamespace), 'select')`
    ).length;
  for (const login of ["nodewise_web", "nodewise_worker"]) {
    // Without inheritance: what a login may do is what it may do before it becomes a role.
    const direct =
      await admin`select 1 from information_schema.role_table_grants where grantee = ${login} and table_schema = 'public'`;
    expect(direct, login).toEqual([]);
    const [attributes] = await admin`
      select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolinherit from pg_roles where rolname = ${login}`;
    expect(Object.values(attributes ?? {}), login).toEqual([false, false, false, false, false]);
  }
  expect(await may("nw_coordinator")).toBeGreaterThan(5);
});

test("no role reads what Postgres keeps beside a row, which tells when somebody else wrote or locked it", async () => {
  const whole = await admin`
    select c.relname as table, r.rolname as role from pg_class c cross join pg_roles r
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and r.rolname ~ '^nw_' and r.rolname <> 'nw_kernel' and has_table_privilege(r.oid, c.oid, 'select')`;
  expect([...whole]).toEqual([]);
  // Control: who may read a whole table reads that too.
  expect((await admin`select xmin, xmax, ctid from study limit 1`).columns).toHaveLength(3);
});

test("the worker cannot become a person's role, nor the pages the kernel, the owner or the worker", async () => {
  const becomes = async (url: string, role: string) => {
    const login = postgres(url, { max: 1, onnotice: () => {} });
    const answer = await outcome(login.unsafe(`set role ${role}`));
    await login.end();
    return answer;
  };
  for (const role of actorRoles) {
    expect(await becomes(database.worker, `nw_${role}`), role).toBe(role === "worker" ? "done" : "42501");
    expect(await becomes(database.web, `nw_${role}`), role).toBe(role === "worker" ? "42501" : "done");
  }
  for (const url of [database.web, database.worker])
    for (const role of ["nw_kernel", "nodewise_owner", "postgres"]) expect(await becomes(url, role)).toBe("42501");
});

describe("records are append-only, for the functions' own role and for the owner of the tables", () => {
  const kept = [
    ...["read", "pathology_report", "audit_event", "audit_change", "node_size", "eligibility_assessment"],
    ...["dataset_snapshot", "dataset_item", "freeze_sweep", "run_fold", "crop_score"],
  ];
  test.each(kept)("%s", async (table) => {
    const rows = () => admin.unsafe(`select * from ${table}`);
    const before = await rows();
    expect(before.length, "there is something to protect").toBeGreaterThan(0);
    const [column] = Object.keys(before[0] ?? {});
    const asKernel = (statement: string) =>
      outcome(owner.begin((run) => [run.unsafe("set local role nw_kernel"), run.unsafe(statement)]));
    expect(await asKernel(`update ${table} set ${column} = default`)).toMatch(/NW002|42501/);
    expect(await asKernel(`delete from ${table}`)).toMatch(/NW002|42501/);
    expect(await outcome(owner.unsafe(`truncate ${table} cascade`))).toBe("NW002");
    // To the owner no row is visible: nothing is there to change.
    await owner.unsafe(`delete from ${table}`).catch(() => {});
    expect(await rows()).toEqual(before);
  });

  test("a correction is a new row, with its reason, beside the one it corrects", async () => {
    const { pathologist } = study.members;
    const correct = (reason: string | null) =>
      door.withActor(pathologist, (tx) =>
        tx.execute(sql`insert into pathology_report (study_id, node_id, result, reason, supersedes)
          select study_id, node_id, 'negative', ${reason}, id from pathology_report where node_id = ${nodeId} order by reported_at desc limit 1`),
      );
    expect(await outcome(correct(null))).toBe("23514");
    expect(await outcome(correct("Second opinion"))).toBe("done");
    const rows = await admin`select result from pathology_report where node_id = ${nodeId}`;
    expect(rows.map(({ result }) => result).toSorted()).toEqual(["negative", "positive"]);
  });
});

test("the audit row stands or falls with the change", async () => {
  const coordinator = study.members.coordinator;
  const changes = async () =>
    Number((await admin`select count(*) as n from audit_change where table_name = 'exam'`)[0]?.n ?? 0);
  const before = await changes();
  const change = (fail: boolean) =>
    door.withActor(coordinator, async (tx) => {
      await tx.execute(
        sql`insert into exam (study_id, subject_id, scanner, performed_on) select study_id, subject_id, '1.5 T', performed_on from exam limit 1`,
      );
      if (fail) throw new Error("something else went wrong");
    });
  await expect(change(true)).rejects.toThrow("something else");
  expect(await changes()).toBe(before);
  await change(false);
  expect(await changes()).toBe(before + 1);
});

describe("of a run's job", () => {
  const trail = async () =>
    Number((await admin`select count(*) as n from audit_change where table_name = 'job'`)[0]?.n ?? 0);
  const asWorker = (statement: string) =>
    owner.begin((run) => [run.unsafe("set local role nw_kernel"), run.unsafe(`update job set ${statement}`)]);

  test("what a worker says every few seconds stays out of the trail, what comes of it does not", async () => {
    const before = await trail();
    expect(before, "that it was queued").toBeGreaterThan(0);
    await asWorker(`heartbeat_at = now(), phase = 'fold 1', done = 3, total = 9, figures = '{"secondsLeft": 60}'`);
    expect(await trail()).toBe(before);
    await asWorker("heartbeat_at = now(), state = 'failed', error = 'The disk is full.'");
    expect(await trail()).toBe(before + 1);
  });

  test("the snapshot takes no more images, and none of another study", async () => {
    const [of, by] = [study.studyId, study.members.principal_investigator.personId];
    const [run] = await admin`select snapshot_id, sweep_id, id from model_run where study_id = ${of}`;
    const [item] = await admin`select crop_id from dataset_item where study_id = ${of}`;
    const [sibling] = await admin`select id from crop where node_id = ${nodeId} and id <> ${item?.crop_id}`;
    const foreign = "23503";
    const freshSnapshot = async (studyId: string) => {
      const id = randomUUID();
      await admin`insert into dataset_snapshot (id, study_id, split_unit, folds, seed, sha256, created_by) values (${id}, ${studyId}, 'patient', 2, 1, 'x', ${by})`;
      return id;
    };
    const add = (snapshotId: string, studyId = of) => outcome(addItem({ snapshotId, studyId, cropId: sibling?.id }));
    expect(await add(run?.snapshot_id)).toBe("NW007");
    expect(await add(await freshSnapshot(of))).toBe("done");

    const other = await makeStudy({ door, ownerUrl: database.owner });
    expect(await add(await freshSnapshot(other.studyId), other.studyId)).toBe(foreign);
    const queue = async (snapshotId: string, studyId: string, sweepId: string | null = null) => {
      const id = randomUUID();
      await admin`insert into job ${admin({ id, study_id: studyId, kind: "train", created_by: by })}`;
      return outcome(
        admin`insert into model_run ${admin({ id, study_id: studyId, snapshot_id: snapshotId, sweep_id: sweepId, config: admin.json({}) })}`,
      );
    };
    expect(await queue(run?.snapshot_id, of, run?.sweep_id)).toBe("done");
    expect(await queue(run?.snapshot_id, other.studyId)).toBe(foreign);
    expect(await queue(await freshSnapshot(other.studyId), other.studyId, run?.sweep_id)).toBe(foreign);
    expect(
      await outcome(
        admin`insert into crop_score (run_id, study_id, crop_id, fold, score) values (${run?.id}, ${other.studyId}, ${sibling?.id}, 0, 0.5)`,
      ),
    ).toBe(foreign);
  });
});

test("whoever queues a job sees the id of a job and nothing else of the queue", async () => {
  const ask = (statement: string) =>
    door.withActor(study.members.principal_investigator, (tx) => tx.execute(sql.raw(statement)));
  expect(await outcome(ask("select id from pgboss.job"))).toBe("done");
  for (const column of ["data", "name, data", "*"])
    expect(await outcome(ask(`select ${column} from pgboss.job`))).toBe("42501");
});

describe("a reader holds no role that would break the blinding", () => {
  const administrator = () => study.members.administrator;
  const join = (personId: string, role: string, code: string | null) =>
    door.withActor(administrator(), (tx) =>
      tx.execute(
        sql`insert into membership (id, study_id, person_id, role, reader_code) values (${randomUUID()}, ${study.studyId}, ${personId}, ${role}::study_role, ${code})`,
      ),
    );
  const person = async () => {
    const id = randomUUID();
    await admin`insert into person (id, email, name) values (${id}, ${`${id}@example.org`}, 'Somebody')`;
    return id;
  };

  test.each([
    ["locating_radiologist", "R101"],
    ["pathologist", "R102"],
    ["principal_investigator", "R103"],
    ["data_scientist", "R104"],
    ["coordinator", "R105"],
  ])("neither before nor after being %s", async (role, code) => {
    const [first, second] = [await person(), await person()];
    await join(first, role, null);
    expect(await outcome(join(first, "reader", "R8"))).toMatch(/^NW/);
    await join(second, "reader", code);
    expect(await outcome(join(second, role, null))).toMatch(/^NW/);
  });

  test("nor at the same moment on two connections", async () => {
    const somebody = await person();
    const answers = await Promise.all([
      outcome(join(somebody, "reader", "R9")),
      outcome(join(somebody, "pathologist", null)),
    ]);
    expect(answers.toSorted()[1]).toBe("done");
    expect(answers.filter((answer) => answer.startsWith("NW"))).toHaveLength(1);
  });

  test("nor in a transaction that keeps looking at the time before", async () => {
    const joinAt = (isolation: string, personId: string) =>
      outcome(
        admin.begin(`isolation level ${isolation}`, (run) => [
          run`insert into membership (id, study_id, person_id, role) values (${randomUUID()}, ${study.studyId}, ${personId}, 'monitor')`,
        ]),
      );
    expect(await joinAt("read committed", await person())).toBe("done");
    for (const isolation of ["repeatable read", "serializable"])
      expect(await joinAt(isolation, await person())).toBe("NW003");
  });

  test("but may hold any role in another study", async () => {
    const other = await makeStudy({ door, ownerUrl: database.owner });
    const pathologist = study.members.pathologist.personId;
    const joined = door.withActor(other.members.administrator, (tx) =>
      tx.execute(
        sql`insert into membership (id, study_id, person_id, role, reader_code) values (${randomUUID()}, ${other.studyId}, ${pathologist}, 'reader', 'R7')`,
      ),
    );
    expect(await outcome(joined)).toBe("done");
  });
});

test("who wrote a row and when is said by the database: a role that names it is refused", async () => {
  const { coordinator, monitor } = study.members;
  const add = (columns: string, values: string) =>
    outcome(
      door.withActor(coordinator, (tx) =>
        tx.execute(
          sql.raw(
            `insert into subject (study_id, number${columns}) values ('${study.studyId}', '${randomUUID()}'${values})`,
          ),
        ),
      ),
    );
  expect(await add("", "")).toBe("done");
  expect(await add(", created_by", `, '${monitor.personId}'`)).toBe("42501");
  expect(await add(", created_at", ", '2020-01-01'")).toBe("42501");
});

test("a refusal of ours comes with its key and values, for any language", async () => {
  const { administrator, reader } = study.members;
  const join = door.withActor(administrator, (tx) =>
    tx.execute(
      sql`insert into membership (study_id, person_id, role) values (${study.studyId}, ${reader.personId}, 'pathologist')`,
    ),
  );
  await expect(join).rejects.toMatchObject({
    code: "NW003",
    constraint: "reader_holds_other_role",
    values: { held: "reader", asked: "pathologist" },
  });
});

test("two migrations at once both end well, and a third changes nothing", async () => {
  const name = `migrated_${randomUUID().slice(0, 8)}`;
  const once = () => migrateDatabase(name);
  const [urls] = await Promise.all([once(), once()]);
  const fresh = postgres(urls.owner, { max: 1, onnotice: () => {} });
  const journal = () => fresh`select hash from drizzle.__drizzle_migrations order by id`;
  const first = await journal();
  expect(new Set(first.map(({ hash }) => hash)).size).toBe(first.length);
  await once();
  expect(await journal()).toEqual(first);
  await fresh.end();
  await admin.unsafe(`drop database ${name} with (force)`);
});

test("the logins come into no other database of the cluster, where nothing is closed; whoever else could still can", async () => {
  const [other, login] = [`other_${randomUUID().slice(0, 8)}`, `somebody_${randomUUID().slice(0, 8)}`];
  await admin.unsafe(`create role ${login} login password 'x'`);
  await admin.unsafe(`create database ${other}`);
  /** What a login gets of a database. */
  const comesInto = async (url: string, name: string, user?: string) => {
    const at = Object.assign(new URL(url), { pathname: `/${name}`, ...(user && { username: user, password: "x" }) });
    const direct = postgres(at.toString(), { max: 1, connection: { application_name: "test" } });
    return direct`select 1`
      .then(
        () => "in",
        (error: { code?: string }) => error.code,
      )
      .finally(() => direct.end());
  };
  try {
    // Control: a database is open to everybody until a start.
    for (const url of [database.web, database.worker]) expect(await comesInto(url, other)).toBe("in");
    await migrateDatabase(database.name);
    for (const url of [database.web, database.worker]) {
      for (const name of [other, "postgres", "template1"]) expect(await comesInto(url, name), name).toBe("42501");
      expect(await comesInto(url, database.name)).toBe("in");
    }
    expect(await comesInto(database.web, other, login)).toBe("in");
  } finally {
    await admin.unsafe(`drop database ${other}`);
    for (const {
      name,
    } of await admin`select datname as name from pg_database, aclexplode(datacl) where grantee = ${login}::regrole`)
      await admin.unsafe(`revoke all on database ${name} from ${login}`);
    await admin.unsafe(`drop role ${login}`);
  }
});

test("who may do what is as reviewed: policies, grants, bounds, triggers, and the text of functions and views", async () => {
  const policies = await admin`
    select case schemaname when 'public' then '' else schemaname || '.' end || tablename as t, cmd, array_to_string(array(select unnest(roles)::text order by 1), ' ') as roles, coalesce(qual, '') as q, coalesce(with_check, '') as c
      from pg_policies where policyname <> 'kernel' order by 1, 2, 3, 4, 5`;
  const grants = await admin`
    select case when table_schema = 'pgboss' then 'pgboss.' else '' end || table_name as t, grantee as g, string_agg(distinct privilege_type, ' ' order by privilege_type) as p
      from information_schema.role_table_grants where table_schema in ('public', 'nw', 'pgboss') and grantee like 'nw\\_%' and grantee <> 'nw_kernel' group by 1, 2 order by 1, 2`;
  const columns = await admin`
    select case when c.relkind = 'p' then 'pgboss.' else '' end || c.relname as t, r.rolname as g, v.verb, string_agg(a.attname::text, ' ' order by a.attname) as p
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     cross join pg_roles r cross join (values ('SELECT'), ('INSERT'), ('UPDATE')) v (verb)
     where (c.relnamespace = 'public'::regnamespace and c.relkind = 'r' or c.oid = 'pgboss.job'::regclass) and r.rolname like 'nw\\_%' and r.rolname <> 'nw_kernel'
       and has_column_privilege(r.oid, c.oid, a.attnum, v.verb) and not has_table_privilege(r.oid, c.oid, v.verb)
     group by 1, 2, 3 order by 1, 2, 3`;
  const bounds = await admin`
    select conrelid::regclass::text || ' ' || pg_get_constraintdef(oid) as line from pg_constraint where conname like '%\\_is\\_bounded' order by 1`;
  const triggers = await admin`select pg_get_triggerdef(oid) as line from pg_trigger where not tgisinternal order by 1`;
  const views = await admin`
    select c.relname as v, array_to_string(c.reloptions, ' ') as options, pg_get_viewdef(c.oid) as text
      from pg_class c where c.relnamespace = 'nw'::regnamespace and c.relkind = 'v' order by 1`;
  const functions = await admin`
    select p.oid::regprocedure::text as f, p.prosecdef as definer, left(encode(sha256(convert_to(pg_get_functiondef(p.oid), 'UTF8')), 'hex'), 12) as text,
           array_to_string(array(select r.rolname::text from pg_roles r where r.rolname like 'nw\\_%' and r.rolname <> 'nw_kernel' and has_function_privilege(r.oid, p.oid, 'execute') order by 1), ' ') as roles
      from pg_proc p where p.pronamespace = 'nw'::regnamespace order by 1`;
  const text = [
    "policies",
    ...policies.map(({ t, cmd, roles, q, c }) => `  ${t} ${cmd} ${roles}: ${q}${c && c !== q ? ` check ${c}` : ""}`),
    "grants",
    ...grants.map(({ t, g, p }) => `  ${t} ${g}: ${p}`),
    "columns that alone may be read or written",
    ...columns.map(({ t, g, verb, p }) => `  ${t} ${g} ${verb}: ${p}`),
    "bounds",
    ...bounds.map(({ line }) => `  ${line}`),
    "triggers",
    ...triggers.map(({ line }) => `  ${line}`),
    "views",
    ...views.map(({ v, options, text: body }) => `  nw.${v} (${options}): ${body}`),
    "functions",
    ...functions.map(
      ({ f, definer, text: hash, roles }) => `  ${f} ${hash}${definer ? " (with its owner's rights)" : ""}: ${roles}`,
    ),
  ]
    .map((line) => line.replaceAll(/\s*\n\s*/g, " ").replaceAll(/ AS (role|locked|study_id|person_id|site_id)\b/g, ""))
    .join("\n");
  await expect(`${text}\n`).toMatchFileSnapshot("./guards.snapshot.txt");
});
