import { expect, it } from "vitest";
import { readProtocol } from "@/core/protocol/read-protocol";
import { inLanguage } from "@/core/protocol/text";
import { judgedReads } from "@/server/services/analysis/judged-reads";
import { parseProtocol } from "@/server/services/study/parse-protocol";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";

const { document } = parseProtocol((await shippedProtocol("demonstration")).source);
const [shows, hides] = [true, false].map(
  (isShown) => document.conditions.find(({ shows }) => shows.includes("size") === isShown)?.key ?? "",
);
const keys = document.form.criteria.map(({ key }) => key);
const seen = (present: number) => Object.fromEntries(keys.map((key, i) => [key, i < present]));
/** Without a size two signs are needed, over 9 mm none, under it one. */
const ruleSet = {
  ...{ key: "mine", title: "Mine", source: "none" },
  sizeHidden: { criteria: 2 },
  sizeShown: [{ upTo: 9, criteria: 1 }, { criteria: 0 }],
};
const planned = (change: object = { ruleSet: "mine" }) => {
  const analysis = { ...document.analysis, ...change };
  return judgedReads(
    inLanguage(readProtocol({ ...document, ruleSets: [...document.ruleSets, ruleSet], analysis }), "en"),
  );
};

it("the call that counts is that of the planned rule set, told the size only where the reader was", () => {
  const { asPlanned } = planned();
  const calls = (condition = "", shortAxisMm: number | null) =>
    [0, 1, 2].map((present) => asPlanned({ condition, call: "negative", criteria: seen(present) }, shortAxisMm));
  expect(calls(shows, 9)).toEqual([0, 1, 1]);
  expect(calls(shows, 9.1)).toEqual([1, 1, 1]);
  expect(calls(shows, null)).toEqual([0, 0, 1]);
  expect(calls(hides, 9.1)).toEqual([0, 0, 1]);
});

it("without a planned rule set it is the call as it was given, and a read that was not evaluable has none", () => {
  const read = { condition: shows ?? "", criteria: seen(0) };
  expect(planned({}).asPlanned({ ...read, call: "positive" }, 3)).toBe(1);
  expect(planned({}).asPlanned({ ...read, call: "negative" }, 12)).toBe(0);
  expect(planned().asPlanned({ ...read, call: null }, 12)).toBeNull();
});

it("refuses a read without the signs that the planned rule set needs", () => {
  const { [keys[0] ?? ""]: _, ...some } = seen(2);
  const read = { condition: shows ?? "", call: "positive", criteria: some } as const;
  expect(() => planned().asPlanned(read, 5)).toThrow(expect.objectContaining({ code: "conflict" }));
  expect(planned({}).asPlanned(read, 5)).toBe(1);
  expect(planned().underRules(read, 5)).toEqual([...document.ruleSets, ruleSet].map(() => null));
});
