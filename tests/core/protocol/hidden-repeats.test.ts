import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { hiddenRepeats } from "@/core/protocol/hidden-repeats";
import { readNewProtocol } from "@/core/protocol/read-protocol";
import { sayIn } from "@/core/words";

const asking = (repeats: unknown) => {
  const document = parse(readFileSync("protocols/demonstration.yaml", "utf8"));
  document.conditions.push({ key: "again", label: "Again", shows: [], washOutDays: 28, repeats: "cohort-1" });
  return { ...document, reading: { ...document.reading, repeats } };
};
const problemsOf = (repeats: unknown, locale: "en" | "zh" = "en") =>
  readNewProtocol(asking(repeats)).problems?.map(sayIn(locale)).join() ?? null;

/** What each condition has. */
function repeatsOf(asked: unknown) {
  const { document } = readNewProtocol(asking(asked));
  if (!document) throw new Error("no protocol");
  const conditions = document.conditions.map((each) => ({ ...each, label: each.key }));
  return conditions.map(({ key }) => hiddenRepeats({ reading: document.reading, conditions }, key));
}

test("a protocol has cases of a list read twice, in all conditions but those that repeat another, or in those that it names", () => {
  const asked = { cases: 20, apart: 30 };
  expect(repeatsOf(undefined)).toEqual([null, null, null]);
  expect(repeatsOf(asked)).toEqual([asked, asked, null]);
  expect(repeatsOf({ ...asked, conditions: ["cohort-2", "again"] })).toEqual([null, asked, asked]);
});

test("how many and how far apart are whole numbers from 1 on, and each condition is there and named once", () => {
  expect(problemsOf({ cases: 1, apart: 1 })).toBeNull();
  expect(problemsOf({ cases: 0, apart: 1 })).toMatch(/^reading\.repeats\.cases: 0 is too small; write at least 1/);
  expect(problemsOf({ cases: 1, apart: 0 })).toMatch(/^reading\.repeats\.apart: 0 is too small; write at least 1/);
  expect(problemsOf({ cases: 20 })).toMatch(/^reading\.repeats\.apart: is missing/);
  expect(problemsOf({ cases: 20, apart: 30, conditions: ["again", "again"] })).toMatch(/"again" is there twice/);
  const unknown = { cases: 20, apart: 30, conditions: ["cohort-9"] };
  expect(problemsOf(unknown)).toMatch(
    /^reading\.repeats\.conditions\.0: there is no condition "cohort-9"; name some of cohort-1, cohort-2, again/,
  );
  expect(problemsOf(unknown, "zh")).toMatch(/^reading\.repeats\.conditions\.0：没有条件“cohort-9”/);
});
