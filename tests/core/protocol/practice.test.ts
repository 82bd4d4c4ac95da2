import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { practisedConditions } from "@/core/protocol/practised-conditions";
import { readNewProtocol } from "@/core/protocol/read-protocol";
import { sayIn } from "@/core/words";

const demonstration = () => parse(readFileSync("protocols/demonstration.yaml", "utf8"));
const asking = (practice: unknown) => {
  const document = demonstration();
  return { ...document, reading: { ...document.reading, practice } };
};
const problemsOf = (practice: unknown) => readNewProtocol(asking(practice)).problems?.map(sayIn("en")) ?? null;

/** The keys of the conditions that ask for practice. */
function practised(raw: ReturnType<typeof demonstration>): string[] {
  const { document } = readNewProtocol(raw);
  if (!document) throw new Error("no protocol");
  return practisedConditions({
    reading: document.reading,
    conditions: document.conditions.map((each) => ({ ...each, label: each.key })),
  }).map(({ key }) => key);
}

test("a protocol asks for practice with a mark, in all conditions but those that repeat another, or in those that it names", () => {
  const repeated = asking({ passMark: 0.8 });
  repeated.conditions.push({ key: "again", label: "Again", shows: [], washOutDays: 28, repeats: "cohort-1" });
  expect(practised(demonstration())).toEqual([]);
  expect(practised(repeated)).toEqual(["cohort-1", "cohort-2"]);
  expect(practised(asking({ passMark: 0.8, conditions: ["cohort-2"] }))).toEqual(["cohort-2"]);
});

test("a mark is in whole percents: every hundredth is taken, nothing between them", () => {
  for (let percent = 1; percent <= 100; percent++)
    expect(problemsOf({ passMark: percent / 100 }), `${percent}`).toBeNull();
  for (const passMark of [2 / 3, 0.005, 0.999, 1e-7])
    expect(problemsOf({ passMark })?.join()).toMatch(/^reading\.practice\.passMark: \S+ is no whole percent; write/);
});

test("a mark is a share above 0 and up to 1, and each condition is there and named once", () => {
  expect(problemsOf({ passMark: 1 })).toBeNull();
  expect(problemsOf({ passMark: 0 })?.join()).toMatch(/practice\.passMark: 0 is too small/);
  expect(problemsOf({ passMark: 80 })?.join()).toMatch(/practice\.passMark: 80 is too large; write at most 1/);
  expect(problemsOf({})?.join()).toMatch(/practice\.passMark: is missing/);
  expect(problemsOf({ passMark: 0.8, conditions: [] })?.join()).toMatch(/conditions: is empty/);
  expect(problemsOf({ passMark: 0.8, conditions: ["cohort-1", "cohort-1"] })?.join()).toMatch(
    /"cohort-1" is there twice/,
  );
});
