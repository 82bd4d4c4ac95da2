import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { SubmitRead } from "@/server/schemas/reading";
import { compareStudy } from "@/server/services/analysis/compare-study";
import { loadComparison } from "@/server/services/analysis/load-comparison";
import { importReads } from "@/server/services/import/import-reads";
import { lockStudy } from "@/server/services/lock/lock-study";
import { correctRead } from "@/server/services/reading/correct-read";
import { listProgress } from "@/server/services/reading/list-progress";
import { openCase } from "@/server/services/reading/open-case";
import { submitRead } from "@/server/services/reading/submit-read";
import { addProtocolVersion } from "@/server/services/study/add-protocol-version";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { freshDatabase } from "@/tests/support/database";
import { addPatient, draw, type MadeStudy, makeStudy, readOf, report } from "@/tests/support/study";

const database = await freshDatabase();
const { door } = database;
/** Past every door: what really stands in the tables. */
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

const ends = "low: { en: surely benign, zh: 肯定良性 }, high: { en: surely malignant, zh: 肯定恶性 }";
const scale = `rating: { min: 1, max: 5, step: 1, ${ends} }`;
const reasons =
  "notEvaluable: { reasons: [{ key: motion, label: { en: Motion, zh: 运动伪影 } }, { key: dark, label: Dark }] }";

/** The shipped protocol with another form. */
async function protocolWith(form: string, version = "1.0", analysis = "") {
  const { source } = await shippedProtocol("demonstration");
  return source
    .replace(/^ {2}confidence: .*\n {2}ruleSet: .*\n/m, `${form.replace(/^(?=.)/gm, "  ")}\n`)
    .replace(/^version: .*$/m, `version: "${version}"`)
    .replace(/^analysis:$/m, analysis ? `analysis:\n  ${analysis}` : "analysis:");
}

async function studyWith(form: string, patients: number, analysis = "") {
  const made = await makeStudy({ door, ownerUrl: database.owner, source: await protocolWith(form, "1.0", analysis) });
  const nodes: string[] = [];
  for (let i = 1; i <= patients; i++) {
    const positive = i <= patients / 2;
    const about = { name: `Patient ${i}`, shortAxisMm: 4 + i, positive, seed: i, only: ["axial"] as const };
    nodes.push((await addPatient(door, made, about)).nodeId);
  }
  return { ...made, nodes };
}

const submit = (reader: StudyActor, read: SubmitRead) => door.withActor(reader, (tx) => submitRead(tx, reader, read));
async function opened(reader: StudyActor) {
  const found = await openCase(reader);
  if (!found) throw new Error("no case is open");
  return found;
}
const stored = ({ slotId }: { slotId: string }) => admin`
  select call, confidence, rating, not_evaluable, criteria, supersedes is not null as correction, shown_sha256 is not null as hashed
    from read where slot_id = ${slotId} order by submitted_at`;

describe("a reader who rates beside the call", () => {
  let study: MadeStudy;
  beforeAll(async () => {
    study = await studyWith(`confidence: { min: 0, max: 100 }\n${scale}`, 2);
    await draw(door, study);
  });

  test("is shown the scale, and each rating is stored; a correction has its own", async () => {
    const { reader } = study.members;
    const shown = await opened(reader);
    expect(shown.form.rating).toEqual({ min: 1, max: 5, step: 1, low: "surely benign", high: "surely malignant" });
    expect(shown.form.notEvaluable).toBeNull();
    await submit(reader, readOf(shown.slotId, { rating: 2 }));
    const again = await openCase(reader, "previous");
    expect(JSON.stringify(again)).not.toMatch(/"rating":2/);
    const correction = { ...readOf(shown.slotId, { call: "positive", rating: 4 }), reason: "A slip" };
    await door.withActor(reader, (tx) => correctRead(tx, reader, correction));
    expect(await stored(shown)).toMatchObject([
      { call: "negative", confidence: 70, rating: 2, correction: false, hashed: true },
      { call: "positive", confidence: 70, rating: 4, correction: true, hashed: true },
    ]);
  });

  test("is refused without a rating, off the scale, without a call, and where the form does not ask", async () => {
    const { reader } = study.members;
    const { slotId } = await opened(reader);
    await expect(submit(reader, readOf(slotId))).rejects.toThrow(/rating is missing.*1 to 5/);
    for (const rating of [0, 6, 2.5])
      await expect(submit(reader, readOf(slotId, { rating }))).rejects.toThrow(
        /not on the scale.*1 to 5 in steps of 1/,
      );
    await expect(submit(reader, readOf(slotId, { rating: 3, call: null }))).rejects.toThrow(/call is missing/);
    const refused = readOf(slotId, { call: null, confidence: null, notEvaluable: "motion" });
    await expect(submit(reader, refused)).rejects.toThrow(/every case is called/);
    expect(await stored({ slotId })).toEqual([]);
    // Control.
    await submit(reader, readOf(slotId, { rating: 3 }));
    expect(await stored({ slotId })).toHaveLength(1);

    const plain = await studyWith("confidence: { min: 0, max: 100 }", 1);
    await draw(door, plain);
    const first = await opened(plain.members.reader);
    await expect(submit(plain.members.reader, readOf(first.slotId, { rating: 3 }))).rejects.toThrow(
      /asks for no rating/,
    );
  });

  test("rates on one scale: another one comes in no later version of the protocol, other words of its ends do", async () => {
    const { principal_investigator: pi } = study.members;
    const change = async (form: string, version: string) =>
      door.withActor(pi, async (tx) =>
        addProtocolVersion(tx, pi, { source: await protocolWith(form, version), reason: "Another scale" }),
      );
    for (const form of [scale.replace("max: 5", "max: 10"), "confidence: { min: 0, max: 100 }"])
      await expect(change(form, "1.1")).rejects.toMatchObject({
        message: expect.stringMatching(/form.rating: cases are scheduled.* 1 to 5/),
      });
    // Nor past the service, by whoever may name another version.
    const form = scale.replace("max: 5", "max: 10");
    const other = await makeStudy({ door, ownerUrl: database.owner, source: await protocolWith(form, "1.2") });
    const [version] = await admin`
      insert into protocol_version (id, study_id, version, sha256, document, source, reason, created_by)
      select gen_random_uuid(), ${study.studyId}, version, sha256, document, source, 'Another', ${pi.personId} from protocol_version where study_id = ${other.studyId}
      returning id`;
    await expect(
      door.withActor(pi, (tx) =>
        tx.execute(sql`update study set protocol_version_id = ${version?.id} where id = ${study.studyId}`),
      ),
    ).rejects.toMatchObject({ code: "NW007" });
    await change(`confidence: { min: 0, max: 100 }\n${scale.replace("surely benign", "benign")}`, "1.3");
  });
});

describe("a reader whose call follows from the rating", () => {
  test("gives none, and one that does not follow is refused", async () => {
    const study = await studyWith(scale.replace("step: 1", "step: 1, positiveFrom: 4"), 3);
    await draw(door, study);
    const { reader } = study.members;
    const rate = async (rating: number, call: SubmitRead["call"] = null) => {
      const shown = await opened(reader);
      await submit(reader, readOf(shown.slotId, { rating, call, confidence: null }));
      return stored(shown);
    };
    await expect(rate(4, "negative")).rejects.toThrow(/does not follow from the rating 4/);
    expect(await rate(4)).toMatchObject([{ call: "positive", rating: 4 }]);
    expect(await rate(3)).toMatchObject([{ call: "negative", rating: 3 }]);
  });
});

describe("a case that cannot be judged", () => {
  test("is read all the same: with a reason of the protocol, hashed, in the trail and the progress, without an answer", async () => {
    const study = await studyWith(`confidence: { min: 0, max: 100 }\n${scale}\n${reasons}`, 2);
    await draw(door, study);
    const { reader, principal_investigator: pi } = study.members;
    const shown = await opened(reader);
    expect(shown.form.notEvaluable?.reasons.map(({ key }) => key)).toEqual(["motion", "dark"]);
    const refused = (notEvaluable: string) => readOf(shown.slotId, { call: null, confidence: null, notEvaluable });
    await expect(submit(reader, refused("Too small"))).rejects.toThrow(/"Too small" is no reason.*motion, dark/);
    await submit(reader, { ...refused("motion"), criteria: { round_shape: true }, confidence: 20, rating: 1 });
    expect(await stored(shown)).toMatchObject([
      { call: null, confidence: null, rating: null, not_evaluable: "motion", criteria: {}, hashed: true },
    ]);
    const [list] = (await door.withActor(pi, (tx) => listProgress(tx, pi))).lists.filter(({ done }) => done > 0);
    expect(list?.done).toBe(1);
    const trail =
      await admin`select action, detail, reason from audit_event where entity_id = ${shown.slotId} order by id`;
    expect(trail.map(({ action }) => action)).toEqual(["case.shown", "read.submitted"]);
    expect(JSON.stringify(trail)).not.toContain("motion");
    expect((await opened(reader)).position).toBe(2);
  });

  test("takes the reader's words where the protocol lists no reasons", async () => {
    const study = await studyWith("confidence: { min: 0, max: 100 }\nnotEvaluable: { reasons: [] }", 1);
    await draw(door, study);
    const { reader } = study.members;
    const shown = await opened(reader);
    await submit(reader, readOf(shown.slotId, { call: null, confidence: null, notEvaluable: "Cut off at the edge" }));
    expect(await stored(shown)).toMatchObject([{ call: null, not_evaluable: "Cut off at the edge" }]);
  });

  test("is neither called nor rated in the database, and has a reason or a call, whoever writes", async () => {
    const [any] = await admin`select id from read where not_evaluable is not null limit 1`;
    const write = (changes: string) =>
      admin
        .unsafe(
          `insert into read select (jsonb_populate_record(r, '${changes}'::jsonb || jsonb_build_object('id', gen_random_uuid(), 'idempotency_key', gen_random_uuid()))).* from read r where id = '${any?.id}'`,
        )
        .catch((error: { constraint_name?: string }) => error.constraint_name);
    expect(await write('{"not_evaluable": null}')).toBe("read_call_or_reason");
    expect(await write('{"call": "positive"}')).toBe("read_call_or_reason");
    expect(await write('{"rating": 3}')).toBe("read_not_evaluable");
    expect(await write('{"not_evaluable": " "}')).toBe("read_not_evaluable");
    expect(await write('{"rating": 10000000, "not_evaluable": null, "call": "positive"}')).toBe("read_rating");
  });
});

describe("ratings that are imported", () => {
  const importer = ({ members: { principal_investigator: pi } }: MadeStudy): StudyActor => ({
    ...pi,
    role: "importer",
  });
  const rows = async (study: MadeStudy) =>
    admin`select b.number, r.call, r.rating, r.not_evaluable from read r join reading_case k on k.id = r.case_id join node n on n.id = k.node_id
            join subject b on b.id = n.subject_id where r.study_id = ${study.studyId} and not exists (select from read c where c.supersedes = r.id)
            order by r.reader_code, b.number`;
  const put = (study: MadeStudy, header: string, ...lines: string[]) =>
    importReads(importer(study), { reads: Buffer.from([header, ...lines].join("\n")) });
  const problemsOf = (work: Promise<unknown>) =>
    work.then(
      () => [],
      (error: unknown) => (error instanceof AppError ? error.problems : [String(error)]),
    );
  const subjects = (study: MadeStudy) =>
    admin<{ number: string }[]>`select number from subject where study_id = ${study.studyId} order by number`;

  test("are held against the scale, row by row, with value and remedy; nothing is half written", async () => {
    const study = await studyWith(`${scale}\n${reasons}`, 3);
    const [a, b, c] = (await subjects(study)).map(({ number }) => number);
    const header = "reader,condition,subject,node,plane,call,rating,evaluable,reason";
    const row = (subject: string | undefined, rest: string) => `R2,cohort-1,${subject},N1,axial,${rest}`;
    const bad: [string, RegExp][] = [
      ["1,6,,", /rating "6" is not on the scale 1 to 5 in steps of 1; correct it/],
      ["1,high,,", /rating "high" is not on the scale/],
      [",3,,", /call is empty; write 1 or positive/],
      ["1,3,,motion", /reason is "motion", but the case was evaluable; write 0/],
      [",,0,", /reason is empty, but evaluable is 0/],
      [",,0,Too small", /unknown reason "Too small"; the protocol knows: motion, dark/],
      ["0,,0,motion", /call is given, but evaluable is 0/],
      [",,maybe,motion", /evaluable "maybe" is neither 1 \(evaluable\) nor 0/],
    ];
    for (const [rest, reason] of bad) {
      const problems = await problemsOf(put(study, header, row(a, "1,3,,"), row(b, rest)));
      expect(problems, rest).toEqual([expect.stringMatching(reason)]);
      expect(problems[0]).toMatch(/^row 3: /);
    }
    expect(await rows(study)).toEqual([]);

    const file = [header, row(a, "1,5,1,"), row(b, ",,0,Motion"), row(c, "0,2,,")] as const;
    expect(await put(study, ...file)).toMatchObject({ added: 3 });
    expect(await put(study, ...file)).toMatchObject({ added: 0, unchanged: 3 });
    expect(await rows(study)).toMatchObject([
      { call: "positive", rating: 5, not_evaluable: null },
      { call: null, rating: null, not_evaluable: "motion" },
      { call: "negative", rating: 2, not_evaluable: null },
    ]);
    const correction = `${header},correction_reason`;
    expect(await put(study, correction, `${row(b, "1,4,,")},Read on a better screen`)).toMatchObject({ corrected: 1 });
    expect((await rows(study))[1]).toMatchObject({ call: "positive", rating: 4, not_evaluable: null });
  });

  test("are refused where the protocol names no scale, and a column of confidences that looks like them is named", async () => {
    const study = await studyWith("confidence: { min: 0, max: 100 }", 6);
    const numbers = (await subjects(study)).map(({ number }) => number);
    const header = "reader,condition,subject,node,plane,call,confidence,rating,evaluable,reason";
    const row = (at: number, rest: string) => `R2,cohort-1,${numbers[at]},N1,axial,${rest}`;
    expect(await problemsOf(put(study, header, row(0, "1,,4,,"), row(1, ",,,0,motion")))).toEqual([
      expect.stringMatching(/rating is "4", but the protocol names no scale; add form.rating/),
      expect.stringMatching(/evaluable is 0, but .* add form.notEvaluable/),
    ]);
    const suspicion = [5, 4, 4, 2, 3, 1];
    const asConfidence = suspicion.map((rating, at) => row(at, `${rating >= 4 ? 1 : 0},${rating},,,`));
    const { warnings } = await put(study, header, ...asConfidence);
    expect(warnings).toEqual([{ key: "errors.confidence_seems_rating", values: { most: 3, least: 4 } }]);
    const sure = [5, 80, 4, 90, 3, 85].map((each, at) => row(at, `${at % 2},${each},,,`).replace("R2", "R3"));
    expect((await put(study, header, ...sure.map((line) => line.replace(/,5,/, ",95,")))).warnings).toEqual([]);
  });

  test("are the reader's curve, calls and refusals in the comparison: areas 33/36 and 29/36 by hand", async () => {
    // Suspicion 1 to 5, positive from 4 on; the first six patients have disease.
    const ratings = { R2: [5, 4, 4, 2, 5, 2, 1, 1, 2, 1, 3, 1], R3: [4, 5, 3, 2, 4, 1, 2, 1, 1, 2, 1, 3] };
    const form = `${scale.replace("step: 1", "step: 1, positiveFrom: 4")}\n${reasons}`;
    const study = await studyWith(form, 12, "notEvaluable: incorrect");
    const { principal_investigator: pi } = study.members;
    for (const [i, node] of study.nodes.slice(0, 11).entries())
      await report(door, study, node, i < 6 ? "positive" : "negative");
    const numbers = (await subjects(study)).map(({ number }) => number);
    const lines = Object.entries(ratings).flatMap(([reader, all]) =>
      all.map((rating, i) => `${reader},cohort-1,${numbers[i]},N1,axial,${rating},,`),
    );
    const header = "reader,condition,subject,node,plane,rating,evaluable,reason";
    await put(study, header, ...lines, ...numbers.map((number) => `R2,cohort-2,${number},N1,axial,,0,dark`));

    const compared = async () => {
      const [version] = await admin`select protocol_version_id as id from study where id = ${study.studyId}`;
      const input = await door.withActor(pi, (tx) =>
        loadComparison(tx, pi, { runId: null, protocolVersionId: version?.id }),
      );
      return compareStudy(input);
    };
    await expect(compared()).rejects.toThrow();
    await door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "One report is missing" }));
    const result = await compared();
    // The twelfth has no reference standard: it counts nowhere, and is said.
    expect(result.about.withoutTruth).toEqual({ images: 1, reads: 3 });
    const areas = result.rows.map(({ reader, condition, n, auc }) => [reader, condition, n, auc.estimate]);
    expect(areas).toEqual([
      ["R2", "cohort-1", 11, (33 - 6) / 30],
      // Every case of Cohort 2 counts as wrong, by the plan, and has no rating.
      ["R2", "cohort-2", 11, null],
      ["R3", "cohort-1", 11, expect.closeTo((29 - 3.5) / 30, 12)],
    ]);
    expect(result.rows[1]).toMatchObject({ tp: 0, fn: 6, tn: 0, fp: 5 });
    expect(result.notEvaluable.map(({ rule, planned, n }) => [rule, planned, n])).toEqual([
      ["exclude", false, 0],
      ["positive", false, 11],
      ["negative", false, 11],
      ["incorrect", true, 11],
    ]);
    expect(result.agreement.find(({ condition }) => condition === "cohort-1")?.weightedLinear.n).toBe(11);
  });
});
