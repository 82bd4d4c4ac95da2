import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DatabaseError } from "@/db/actor";
import { fromDatabase } from "@/server/errors";
import { computeAnalysis } from "@/server/services/analysis/compute-analysis";
import { loadComparison } from "@/server/services/analysis/load-comparison";
import { lockStudy } from "@/server/services/lock/lock-study";
import { openCase } from "@/server/services/reading/open-case";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { freshDatabase } from "../support/database";
import { addPatient, draw, type MadeStudy, makeStudy, readCases, report } from "../support/study";

/*
 * A reader with SQL answers the form of the protocol, as on the page, or not at all: a read of another kind would stand in the records for good, and the analysis of the study would fail by it.
 */

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

const { source: shipped } = await shippedProtocol("demonstration");
const withForm = (form: string) =>
  shipped
    .replace(/^ {2}confidence: .*\n {2}ruleSet: .*\n/m, form.replace(/^(?=.)/gm, "  "))
    .replace(/ {2}primary: .*\n/, "");

/** The parameters of `nw.submit_read`, in its order. */
interface Answer {
  criteria: string;
  ruleSet: string | null;
  proposed: string | null;
  call: string | null;
  overrideReason: string | null;
  confidence: number | null;
  activeMs: number | null;
  rating: string | null;
  notEvaluable: string | null;
}

const ticked = (...keys: string[]) =>
  JSON.stringify(
    Object.fromEntries(
      ["irregular_border", "heterogeneous_signal", "round_shape"].map((key) => [key, keys.includes(key)]),
    ),
  );

/** Of the demonstration's form: three criteria, confidence, and the rule set esgar-2016. */
const complete: Answer = {
  criteria: ticked(),
  ruleSet: "esgar-2016",
  proposed: "negative",
  call: "negative",
  overrideReason: null,
  confidence: 50,
  activeMs: 3000,
  rating: null,
  notEvaluable: null,
};

const parameters = (a: Answer) =>
  sql`${a.criteria}::text::jsonb, ${a.ruleSet}, ${a.proposed}::call, ${a.call}::call, ${a.overrideReason}, ${a.confidence}::int, ${a.activeMs}::int, ${a.rating}::text::float8, ${a.notEvaluable}`;

/** "accepted", or the field that is no answer to the form. */
async function sent(
  { members: { reader } }: MadeStudy,
  answer: Answer,
  turn: "current" | "previous" = "current",
  reason = "A slip",
) {
  const opened = await openCase(reader, turn);
  const call =
    turn === "current"
      ? sql`select nw.submit_read(${opened?.slotId}::uuid, ${randomUUID()}::uuid, ${parameters(answer)}) as answer`
      : sql`select nw.correct_read(${opened?.slotId}::uuid, ${randomUUID()}::uuid, ${reason}, ${parameters(answer)}) as answer`;
  try {
    const [row] = await door.withActor(reader, (tx) => tx.execute<{ answer: string }>(call));
    return row?.answer;
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.constraint !== "answer_not_of_form") throw error;
    // As it is said to a person, in words and as what was sent, not as what is there already.
    expect(fromDatabase(error)).toMatchObject({ code: "invalid", message: expect.stringMatching(/Nothing was saved/) });
    return (error.values as { field: string }).field;
  }
}

/** A study of so many nodes of one image, with lists drawn. */
async function studyOf(source: string, sizes: readonly number[]) {
  const study = await makeStudy({ door, ownerUrl: database.owner, source });
  const nodes = [];
  for (const [i, shortAxisMm] of sizes.entries()) {
    const patient = { name: `P${i}`, shortAxisMm, positive: i % 2 === 0, seed: i + 1 };
    nodes.push((await addPatient(door, study, { ...patient, only: ["axial"] })).nodeId);
  }
  await draw(door, study);
  return { study, nodes };
}

describe("a read that is submitted or corrected by SQL", () => {
  let study: MadeStudy;
  beforeAll(async () => {
    ({ study } = await studyOf(shipped, [6, 12]));
  });

  const wrong: [name: string, changes: Partial<Answer>, field: string][] = [
    ["no criteria", { criteria: "{}" }, "criteria"],
    ["one criterion less", { criteria: '{"irregular_border": false, "round_shape": false}' }, "criteria"],
    ["one more", { criteria: ticked().replace("{", '{"halo": true, ') }, "criteria"],
    ["words for an answer", { criteria: ticked().replace("false", '"false"') }, "criteria"],
    ["none for an answer", { criteria: ticked().replace("false", "null") }, "criteria"],
    ["a list", { criteria: "[]" }, "criteria"],
    ["a text", { criteria: '"x"' }, "criteria"],
    ["none at all", { criteria: "null" }, "criteria"],
    ["no confidence", { confidence: null }, "confidence"],
    ["too much of it", { confidence: 101 }, "confidence"],
    ["less than none", { confidence: -1 }, "confidence"],
    ["a rating that nobody asks for", { rating: "3" }, "rating"],
    ["no call", { call: null }, "call"],
    ["an unknown rule set", { ruleSet: "of my own" }, "ruleSet"],
    ["another of the protocol's", { ruleSet: "as-printed" }, "ruleSet"],
    ["none", { ruleSet: null, proposed: null }, "ruleSet"],
    ["a proposal that the rule does not make", { proposed: "positive", overrideReason: "So" }, "proposed"],
    ["no proposal", { proposed: null }, "proposed"],
    ["an override without a reason", { call: "positive" }, "overrideReason"],
    ["a character that is not kept", { call: "positive", overrideReason: "a\u0007b" }, "overrideReason"],
    ["one that turns the text", { call: "positive", overrideReason: "a\u202eb" }, "overrideReason"],
    ["too long a reason", { call: "positive", overrideReason: "x".repeat(501) }, "overrideReason"],
    ["a negative time", { activeMs: -1 }, "activeMs"],
    ["a time of days", { activeMs: 86_400_001 }, "activeMs"],
    ["no time", { activeMs: null }, "activeMs"],
    [
      "not evaluable, where every case is called",
      { criteria: "{}", ruleSet: null, proposed: null, call: null, confidence: null, notEvaluable: "dark" },
      "notEvaluable",
    ],
  ];

  test("answers what the form asks for, no more and no less", async () => {
    for (const [name, changes, field] of wrong)
      expect(await sent(study, { ...complete, ...changes }), name).toBe(field);
    // Control: two ticked criteria are a positive call by the rule where the size is hidden.
    const positive = {
      ...complete,
      criteria: ticked("irregular_border", "round_shape"),
      proposed: "positive",
      call: "positive",
    };
    expect(await sent(study, { ...positive, proposed: "negative" })).toBe("proposed");
    expect(await sent(study, positive)).toBe("accepted");

    for (const [name, changes, field] of wrong)
      expect(await sent(study, { ...complete, ...changes }, "previous"), name).toBe(field);
    expect(await sent(study, complete, "previous", "a\u0007b")).toBe("reason");
    expect(
      await sent(study, { ...complete, call: "positive", overrideReason: "A line\n\tand one more, 有" }, "previous"),
    ).toBe("accepted");
  });

  test("has the proposal that the rule makes of the size where it is shown, and of no size where it is hidden", async () => {
    expect(await sent(study, complete)).toBe("accepted");
    for (let i = 0; i < 2; i++) {
      const opened = await openCase(study.members.reader);
      // Over 9 mm every node is suspicious by that rule, up to 9 mm with two criteria.
      const proposed = opened?.shortAxisMm === 12 ? "positive" : "negative";
      const other = proposed === "positive" ? "negative" : "positive";
      expect(await sent(study, { ...complete, proposed: other, call: other })).toBe("proposed");
      expect(await sent(study, { ...complete, proposed, call: proposed })).toBe("accepted");
    }
    expect(await openCase(study.members.reader)).toBeNull();
  });

  test("has a rating on the scale, the call that follows from it, and a reason that the protocol knows", async () => {
    const rating = "rating: { min: 1, max: 5, step: 1, low: benign, high: malignant, positiveFrom: 4 }\n";
    const reasons = "notEvaluable: { reasons: [{ key: motion, label: Motion }, { key: dark, label: Dark }] }\n";
    const { study: rated } = await studyOf(withForm(`${rating}${reasons}`), [6, 7]);
    const answer = { ...complete, ruleSet: null, proposed: null, confidence: null, rating: "3" };
    for (const [changes, field] of [
      [{ rating: null }, "rating"],
      [{ rating: "0" }, "rating"],
      [{ rating: "6" }, "rating"],
      [{ rating: "2.5" }, "rating"],
      [{ rating: "NaN" }, "rating"],
      [{ rating: "Infinity" }, "rating"],
      [{ confidence: 50 }, "confidence"],
      [{ call: "positive" }, "call"],
      [{ rating: "4" }, "call"],
      [{ ruleSet: "esgar-2016", proposed: "negative" }, "ruleSet"],
      [{ overrideReason: "So" }, "overrideReason"],
    ] as const)
      expect(await sent(rated, { ...answer, ...changes }), JSON.stringify(changes)).toBe(field);
    const none = { ...answer, criteria: "{}", call: null, rating: null, notEvaluable: "motion" };
    for (const [changes, field] of [
      [{ notEvaluable: "no mood" }, "notEvaluable"],
      [{ criteria: ticked() }, "criteria"],
      [{ rating: "3" }, "rating"],
      [{ call: "negative" }, "call"],
    ] as const)
      expect(await sent(rated, { ...none, ...changes }), JSON.stringify(changes)).toBe(field);
    expect(await sent(rated, none)).toBe("accepted");
    expect(await sent(rated, { ...answer, rating: "4", call: "positive" })).toBe("accepted");
    expect(await sent(rated, answer)).toBe("accepted");
  });

  test("says in words why a case is not evaluable where the protocol lists no reasons", async () => {
    const { study: worded } = await studyOf(withForm("notEvaluable: { reasons: [] }\n"), [6]);
    const none = { ...complete, criteria: "{}", ruleSet: null, proposed: null, call: null, confidence: null };
    expect(await sent(worded, { ...none, notEvaluable: "Cut off\u0000".replace("\u0000", "\u009b") })).toBe(
      "notEvaluable",
    );
    expect(await sent(worded, { ...none, notEvaluable: "Cut off at the edge" })).toBe("accepted");
  });
});

describe("a read that is submitted as its reader sent it", () => {
  /** What comes of it, and what is stored of the place. */
  async function submitted({ members: { reader } }: MadeStudy, read: Partial<Answer>) {
    const opened = await openCase(reader);
    const a = {
      criteria: "{}",
      call: null,
      overrideReason: null,
      confidence: 50,
      activeMs: 3000,
      rating: null,
      ...read,
    };
    const [row] = await door.withActor(reader, (tx) =>
      tx.execute<{ outcome: string; done: boolean | null }>(
        sql`select * from nw.submit_answer(${opened?.slotId}::uuid, ${randomUUID()}::uuid, ${a.criteria}::text::jsonb, ${a.call}::call, ${a.overrideReason}, ${a.confidence}::int, ${a.activeMs}::int, ${a.rating}::text::float8, ${a.notEvaluable ?? null}, null)`,
      ),
    );
    const [stored] = await admin`
      select criteria, rule_set_key as "ruleSet", proposed_call as proposed, call, override_reason as "overrideReason", confidence, rating, not_evaluable as "notEvaluable"
        from read where slot_id = ${opened?.slotId ?? null}`;
    return { ...row, stored: stored ?? null };
  }
  const incomplete = { outcome: "incomplete", done: null, stored: null };

  test("is stored with what follows from the form, and not at all where it is no answer to it", async () => {
    const { study } = await studyOf(shipped, [6]);
    for (const [name, changes] of [
      ["an unknown criterion", { criteria: '{"halo": true}' }],
      ["words for an answer", { criteria: '{"round_shape": "true"}' }],
      ["none for an answer", { criteria: '{"round_shape": null}' }],
      ["a list", { criteria: "[]" }],
      ["a text", { criteria: '"x"' }],
      ["none at all", { criteria: "null" }],
      ["no confidence", { confidence: null }],
      ["a rating that nobody asks for", { rating: "3" }],
      ["no call", { call: null }],
      ["an override without a reason", { call: "positive" }],
      ["an override of spaces", { call: "positive", overrideReason: "  " }],
      ["a character that is not kept", { call: "positive", overrideReason: "a\u0007b" }],
      ["a negative time", { activeMs: -1 }],
      ["not evaluable, where every case is called", { call: null, confidence: null, notEvaluable: "dark" }],
    ] as const satisfies [string, Partial<Answer>][])
      expect(await submitted(study, { call: "negative", ...changes }), name).toEqual(incomplete);
    // Control: two ticked criteria are a positive call by the rule where the size is hidden; what is not ticked is absent.
    const criteria = JSON.stringify({ irregular_border: true, round_shape: true });
    expect(await submitted(study, { criteria, call: "negative", overrideReason: " So " })).toEqual({
      outcome: "accepted",
      done: true,
      stored: {
        criteria: JSON.parse(ticked("irregular_border", "round_shape")),
        ruleSet: "esgar-2016",
        proposed: "positive",
        call: "negative",
        overrideReason: "So",
        confidence: 50,
        rating: null,
        notEvaluable: null,
      },
    });
  });

  test("is called by its rating, or has the reason alone why its case is not evaluable", async () => {
    const rating = "rating: { min: 1, max: 5, step: 1, low: benign, high: malignant, positiveFrom: 4 }\n";
    const reasons = "notEvaluable: { reasons: [{ key: motion, label: Motion }] }\n";
    const { study } = await studyOf(withForm(`${rating}${reasons}`), [6, 7]);
    for (const changes of [
      { rating: "2.5" },
      { rating: "NaN" },
      { rating: "4", call: "negative" },
      { rating: "3", confidence: 50 },
      { notEvaluable: "no mood" },
      { notEvaluable: "motion", criteria: '{"halo": true}' },
    ])
      expect(await submitted(study, { confidence: null, ...changes }), JSON.stringify(changes)).toEqual(incomplete);
    const nothing = { criteria: {}, ruleSet: null, proposed: null, overrideReason: null, confidence: null };
    expect(await submitted(study, { confidence: null, rating: "4", overrideReason: "So" })).toMatchObject({
      outcome: "accepted",
      stored: { ...nothing, criteria: JSON.parse(ticked()), call: "positive", rating: 4, notEvaluable: null },
    });
    expect(
      await submitted(study, {
        criteria: ticked("round_shape"),
        call: "negative",
        rating: "3",
        notEvaluable: "motion",
      }),
    ).toMatchObject({ outcome: "accepted", stored: { ...nothing, call: null, rating: null, notEvaluable: "motion" } });
  });
});

test("so the analysis of a study whose reader tried it is computed after the lock", async () => {
  const source = shipped.replace(
    "  comparisons: [condition, reader, network]",
    "  ruleSet: esgar-2016\n  comparisons: [condition, reader, network]",
  );
  const { study, nodes } = await studyOf(source, [6, 7, 8, 9]);
  for (const [i, node] of nodes.entries()) await report(door, study, node, i % 2 === 0 ? "positive" : "negative");
  expect(await sent(study, { ...complete, criteria: "{}", ruleSet: null, proposed: null })).toBe("criteria");
  expect(await sent(study, { ...complete, rating: "3" })).toBe("rating");
  const { principal_investigator: pi, reader, reader2 } = study.members;
  for (const each of [reader, reader2]) expect(await readCases(door, each, 99)).toHaveLength(8);
  await door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "All is read" }));
  const [version] = await admin`select protocol_version_id as id from study where id = ${study.studyId}`;
  const input = await door.withActor(pi, (tx) =>
    loadComparison(tx, pi, { runId: null, protocolVersionId: version?.id }),
  );
  const result = computeAnalysis({ of: "comparison", input });
  expect(result).toMatchObject({ rows: Array.from({ length: 4 }, () => ({ n: 4 })) });
});
