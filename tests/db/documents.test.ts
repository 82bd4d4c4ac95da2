import { randomUUID } from "node:crypto";
import { type SQL, sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { regimen } from "@/core/protocol/regimen";
import type { Actor, Tx } from "@/db/actor";
import { datasetSnapshot } from "@/db/schema";
import { freshDatabase } from "../support/database";
import { fineTuning, insertRun, lockUnread, ofSizes } from "../support/model-runs";
import { addNamedCrop } from "../support/named-crop";
import { addPatient, type MadeStudy, makeStudy } from "../support/study";

/*
 * Rows that no service writes, and that pages could not read: each is refused, whoever writes it. Each refusal has its control.
 */

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

let study: MadeStudy;
let nodeId: string;
beforeAll(async () => {
  study = await makeStudy({ door, ownerUrl: database.owner });
  ({ nodeId } = await addPatient(door, study, { name: "Patient", shortAxisMm: 6, positive: true, seed: 1 }));
});

/** The key of the refusal, or its SQLSTATE; or "done". */
const outcome = (actor: Actor, work: (tx: Tx) => Promise<unknown>): Promise<string> =>
  door.withActor(actor, work).then(
    () => "done",
    (error: { constraint?: string; code?: string }) => error.constraint ?? error.code ?? String(error),
  );
const told = (actor: Actor, statement: SQL) => outcome(actor, (tx) => tx.execute(statement));

test("the database takes a document as its schema does", async () => {
  const schemas: [z.ZodType, unknown[]][] = [
    [
      regimen,
      [
        ...[fineTuning, ofSizes, {}, [], "head", null, { trainable: "network" }, { ...fineTuning, folds: 2.5 }],
        ...[
          { ...fineTuning, folds: 21 },
          { ...fineTuning, threshold: 0 },
          { ...fineTuning, threshold: 1 },
        ],
        ...[
          { ...fineTuning, seed: "1" },
          { ...fineTuning, extra: 1 },
          { ...fineTuning, optimiser: {} },
        ],
        { ...fineTuning, optimiser: { kind: "logistic", c: 1, epochs: 5 } },
        { ...ofSizes, optimiser: { kind: "logistic", c: 0, epochs: 5 } },
        ...["0".repeat(64), "0".repeat(63), "g".repeat(64)].map((sourceSha256) => ({
          ...{ trainable: "elsewhere", folds: 2, splitUnit: "patient", threshold: 0.5 },
          ...{ provenance: "Somebody's network", sourceFile: "a.csv", sourceSha256 },
        })),
        {
          ...{ trainable: "elsewhere", folds: 2, splitUnit: "patient", threshold: 0.5, sourceFile: "a.csv" },
          ...{ provenance: `  short  ${" ".repeat(10)}`, sourceSha256: "0".repeat(64) },
        },
      ],
    ],
    [z.record(z.string(), z.enum(["met", "not_met"])), [{}, { a: "met" }, { a: 1 }, { a: "unknown" }, [], 1]],
    [z.array(z.object({ what: z.string(), value: z.number().nullable() })), [[], [{ what: "x", value: null }], [1], 1]],
  ];
  const wrong: unknown[] = [];
  let taken = 0;
  for (const [schema, documents] of schemas) {
    const asJson = JSON.stringify(z.toJSONSchema(schema, { io: "input" }));
    for (const document of documents) {
      const [row] =
        await admin`select nw.fits(${JSON.stringify(document)}::text::jsonb, ${asJson}::text::jsonb) as fits`;
      const { success } = schema.safeParse(document);
      if (row?.fits !== success) wrong.push(document);
      if (success) taken++;
    }
  }
  expect(wrong).toEqual([]);
  expect(taken).toBe(7);
});

describe("an assessment", () => {
  test("has reasons and answers that pages can read", async () => {
    const { coordinator } = study.members;
    const assess = (answers: string, reasons: string) =>
      told(
        coordinator,
        sql`insert into eligibility_assessment (study_id, subject_id, protocol_version_id, answers, verdict, reasons)
            select ${study.studyId}, s.id, t.protocol_version_id, ${answers}::jsonb, 'eligible', ${reasons}::jsonb from subject s, study t limit 1`,
      );
    for (const reasons of ["1", "{}", "[1]", '[{"answer":"met"}]', '[{"key":"a","answer":"maybe"}]'])
      expect(await assess("{}", reasons), reasons).toBe("document_is_unreadable");
    for (const answers of ["1", "[]", '{"a":"maybe"}'])
      expect(await assess(answers, "[]")).toBe("document_is_unreadable");
    expect(await assess('{"a":"met"}', '[{"key":"a","answer":"met"}]')).toBe("done");
  });

  test("has the evaluations that came with it, and takes none from anybody later", async () => {
    const { coordinator } = study.members;
    const evaluate = (id: string, used = "[]") =>
      sql`insert into criterion_evaluation (assessment_id, study_id, criterion_key, answer, used)
          values (${id}, ${study.studyId}, ${randomUUID()}, 'met', ${used}::jsonb)`;
    const [there] = await admin`select id from eligibility_assessment where study_id = ${study.studyId} limit 1`;
    const other = randomUUID();
    await admin`insert into membership (id, study_id, person_id, role, confirmed_at)
      select ${other}, ${study.studyId}, person_id, 'coordinator', now() from membership where id = ${study.members.monitor.membershipId}`;
    const another: Actor = { ...study.members.monitor, role: "coordinator", membershipId: other };
    for (const actor of [coordinator, another])
      expect(await told(actor, evaluate(there?.id))).toBe("evaluation_comes_with_assessment");
    const both = (used: string) =>
      outcome(another, async (tx) => {
        const id = randomUUID();
        await tx.execute(
          sql`insert into eligibility_assessment (id, study_id, subject_id, protocol_version_id, answers, verdict, reasons)
              select ${id}, ${study.studyId}, s.id, t.protocol_version_id, '{}', 'eligible', '[]' from subject s, study t limit 1`,
        );
        await tx.execute(evaluate(id, used));
      });
    expect(await both('[{"what":"x"}]')).toBe("document_is_unreadable");
    expect(await both('[{"what":"x","value":null}]')).toBe("done");
  });
});

test("an image has a signature that is one, or none", async () => {
  const { locating_radiologist: radiologist } = study.members;
  const [crop] = await admin`select * from crop where node_id = ${nodeId} and plane = 'axial'`;
  const add = (signature: string | null) =>
    outcome(radiologist, async (tx) => {
      await tx.execute(
        sql`update crop set superseded_at = now() where node_id = ${nodeId} and superseded_at is null and plane = 'axial'`,
      );
      await addNamedCrop(tx, { studyId: study.studyId, nodeId, plane: "axial", sha256: crop?.sha256, signature });
    });
  for (const signature of ["zz", "", String(crop?.signature).slice(0, -4), `${crop?.signature}:`])
    expect(await add(signature), signature).toBe("crop_signature");
  for (const signature of [crop?.signature, null]) expect(await add(signature)).toBe("done");
});

test("a study has a protocol from its first moment, and keeps one", async () => {
  const { principal_investigator: pi, administrator } = study.members;
  for (const actor of [pi, administrator])
    expect(await told(actor, sql`update study set protocol_version_id = null`)).toBe("study_has_protocol");
  const founder: Actor = { role: "person", personId: pi.personId, studyId: null, siteId: null, membershipId: null };
  expect(
    await told(
      founder,
      sql`insert into study (slug, name, created_by) values (${randomUUID()}, 'None', ${pi.personId})`,
    ),
  ).toBe("study_has_protocol");
  expect(await told(pi, sql`update study set protocol_version_id = protocol_version_id`)).toBe("done");
});

test("an address of programs is no person's, so that whoever uses the command line has a name", async () => {
  const { administrator } = study.members;
  const add = (email: string) =>
    told(administrator, sql`insert into person (email, name) values (${email}, 'Squatter')`);
  const user = Buffer.from("surgeon").toString("hex");
  for (const email of [`${user}@command-line.nodewise.invalid`, "x@Nodewise.Invalid", "x@a.b.NODEWISE.invalid "])
    expect(await add(email), email).toBe("address_is_reserved");
  expect(await add(`${user}@example.org`)).toBe("done");
  const [row] = await door.withActor(
    { role: "importer", personId: null, studyId: null, siteId: null, membershipId: null },
    (tx) => tx.execute<{ id: string | null }>(sql`select nw.command_line('surgeon') as id`),
  );
  expect(row?.id).toMatch(/^[0-9a-f-]{36}$/);
});

test("a lock is counted by the database, and noted, whoever locks; a run has settings that pages can read", async () => {
  const { principal_investigator: pi, data_scientist: scientist } = study.members;
  const lock = sql`insert into study_lock (study_id, counts) values (${study.studyId}, '[]')`;
  await lockUnread(door, study);
  for (const actor of [pi, { ...pi, role: "importer" } as Actor]) expect(await told(actor, lock)).toBe("42501");
  const [kept] = await admin`select counts, locked_by from study_lock where study_id = ${study.studyId}`;
  expect(kept).toMatchObject({ counts: { nodes: 1, crops: 3, enrolled: 1 }, locked_by: pi.personId });

  const run = (config: object) =>
    outcome(scientist, async (tx) => {
      const snapshotId = randomUUID();
      await tx
        .insert(datasetSnapshot)
        .values({ id: snapshotId, studyId: study.studyId, splitUnit: "patient", folds: 3, seed: 1, sha256: "x" });
      await insertRun(tx, { studyId: study.studyId, snapshotId, config });
    });
  for (const config of [{}, { trainable: "network" }, { ...fineTuning, threshold: 2 }])
    expect(await run(config)).toBe("document_is_unreadable");
  for (const config of [fineTuning, ofSizes]) expect(await run(config)).toBe("done");
});
