import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { leaksOf, plantedStudy } from "./planted-study";

/*
 * Every table and view there is, by the catalogue: what stands in it of what is hidden, and what a reader with SQL is given of it, row by row, in the middle of a list.
 * (That a reader is refused every other relation whatever it holds, and every function, is in `every-object.test.ts`.)
 */

const { database, admin, study, secrets, ids } = await plantedStudy();
const { reader } = study.members;

/** What a reader is given, and what of it is hidden from the pages of a reader: who reads beside, by the list of members and by the protocol. */
const readersSee: Record<string, string[]> = {
  "public.membership": ["another reader"],
  "public.person": [],
  "public.protocol_version": ["another reader"],
  "public.study": [],
  "public.study_lock": [],
};

/** Relations in which nothing stands that is hidden. A new one is added here, or something of it is planted (`planted-study.ts`). */
const harmless = {
  "of the program": ["drizzle.__drizzle_migrations", "pgboss"],
  "of accounts": [
    ...["credential", "password_link", "person", "person_setting", "session", "sign_in_brake"],
    ...["site", "study", "study_lock"],
  ],
  "without a row here, and refused whatever it holds": [
    ...["alike_crops", "analysis", "analysis_result", "bundle", "checkpoint", "consent_withdrawal"],
    ...["criterion_evaluation", "crop_source", "display_check", "exam_time", "file_being_stored", "freeze_sweep"],
    ...["hold_decision", "image_black_out", "image_look", "image_quality", "inbox_match", "inbox_outcome"],
    ...[
      "measurement",
      "node_exclusion",
      "nw.blacked_crop",
      "nw.unlooked_image",
      "read_signature",
      "reading_closure",
      "reading_reminder",
    ],
    ...["report", "report_files", "run_fold", "run_log", "run_metric", "run_task", "unblinding", "wash_out_override"],
  ],
};

const relations = await admin<{ name: string; isReaders: boolean }[]>`
  select case n.nspname when 'public' then '' else n.nspname || '.' end || c.relname as name, has_any_column_privilege('nw_reader', c.oid, 'select') as "isReaders"
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'v', 'm', 'p', 'f') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') order by 1`;

/** Every row as one text. */
const rowsOf = (relation: string) =>
  `select coalesce(string_agg(to_jsonb(t)::text, E'\\n'), '') as text from ${relation} t`;
const given = async (relation: string) => {
  const [row] = await database.withActor(reader, (tx) => tx.execute<{ text: string }>(sql.raw(rowsOf(relation))));
  return row?.text ?? "";
};

test("each table and view is known here: something that is hidden stands in it, or it is named as one in which nothing does", async () => {
  const found = new Set<string>();
  const without = new Set<string>();
  for (const { name } of relations) {
    const [row] = await admin.unsafe(rowsOf(name));
    const held = leaksOf(String(row?.text), secrets);
    for (const what of held) found.add(what);
    if (held.length === 0) without.add(name.replace(/^pgboss\..*/, "pgboss"));
  }
  expect(relations.length).toBeGreaterThan(80);
  expect([...found].toSorted(), "control: all of it is there").toEqual(Object.keys(secrets).toSorted());
  expect([...without].toSorted()).toEqual(Object.values(harmless).flat().toSorted());
});

test("a reader with SQL is given the rows of those named here alone, and nothing that is hidden in them", async () => {
  expect(relations.flatMap(({ name, isReaders }) => (isReaders ? [`public.${name}`] : []))).toEqual(
    Object.keys(readersSee),
  );
  for (const [relation, may] of Object.entries(readersSee))
    expect(leaksOf(await given(relation), secrets), relation).toEqual(may);
  // And by the functions that give rows: the case in hand, and the own lists.
  const functions = [
    "current_case()",
    "previous_case()",
    "my_lists()",
    "my_practice()",
    "practice_answered_last('cohort-2')",
    "practice_in_hand('cohort-2')",
  ];
  for (const slot of [ids.practiceInHand, ids.practiceAhead, ids.foreignPractice])
    functions.push(`practice_answer('${slot}')`);
  for (const call of [...functions, ...[ids.inHand, ids.ahead, ids.foreign].map((id) => `case_in_hand('${id}')`)])
    expect(leaksOf(await given(`nw.${call}`), secrets), call).toEqual([]);
  expect(await given("nw.current_case()"), "control").toContain(ids.inHand);
});
