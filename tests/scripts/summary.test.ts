import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { sayIn } from "@/core/words";
import { AppError } from "@/server/errors";
import { summariseCounts } from "@/server/services/paper/summarise-counts";

const summary = (...lines: string[]) =>
  summariseCounts(Buffer.from(["reader,condition,tp,fp,fn,tn", ...lines].join("\n")));

test("published counts give the accuracies that R gives, with their intervals", async () => {
  const { cases } = JSON.parse(readFileSync(new URL("../oracles/confusion_metrics.json", import.meta.url), "utf8"));
  const [{ input, expected }] = cases;
  const { readers } = await summary(`Dr. Müller,C1,${input.tp},${input.fp},${input.fn},${input.tn}`);
  expect(readers).toMatchObject([{ reader: "Dr. Müller", condition: "C1", positives: 318, negatives: 326 }]);
  for (const figure of ["sensitivity", "specificity", "ppv", "npv"] as const) {
    const { estimate, lower, upper } = readers[0]?.figures[figure] ?? {};
    expect(estimate, figure).toBeCloseTo(expected[figure].estimate, 12);
    expect(lower, figure).toBeCloseTo(expected[figure].wilson[0], 9);
    expect(upper, figure).toBeCloseTo(expected[figure].wilson[1], 9);
  }
});

test("what counts cannot tell is said: areas, differences, agreement, clusters, and that readers read different cases", async () => {
  const said = async (...lines: string[]) => (await summary(...lines)).notes.map(sayIn("en")).join("\n");
  const alone = await said("R2,,3,1,1,5");
  expect(alone).toMatch(/^No area under a curve: .*\nThe intervals .* as independent\./);
  expect(alone).not.toContain("difference");
  const two = await said("R2,,3,1,1,5", "R3,,2,1,1,6");
  expect(two).toMatch(/^The readers did not read the same numbers .*\(4 \+ 6, 3 \+ 7\)/);
  expect(two).toContain("No difference between readers");
  expect(two).toContain("No agreement between readers");
});

test("cells that are no counts are refused with their row", async () => {
  const error = await summary("R2,,3,1,1,5", "R3,,2.5,-1,1,6").catch((reason: unknown) => reason);
  expect(error instanceof AppError && error.problems).toEqual([
    expect.stringMatching(/^row 3: tp "2\.5" is no count; write a whole number from 0 to 10,000,000$/),
    expect.stringMatching(/^row 3: fp "-1" is no count/),
  ]);
});
