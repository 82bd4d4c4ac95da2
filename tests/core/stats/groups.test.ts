import { describe, expect, it } from "vitest";
import { adjustP } from "@/core/stats/groups/adjust-p";
import { mannWhitney } from "@/core/stats/groups/mann-whitney";
import { tTest } from "@/core/stats/groups/t-test";
import { expectClose } from "./close";

describe("adjustment for multiplicity", () => {
  it("leaves a comparison without a test out of the family", () => {
    expect(adjustP([0.01, null, 0.04], "holm")).toEqual([0.02, null, 0.04]);
  });

  it("refuses what is not a probability", () => {
    expect(() => adjustP([0.2, 1.2], "holm")).toThrow("p[1] is 1.2");
  });
});

describe("two independent groups", () => {
  const [first, second] = [
    [1.1, 2.3, 4.2, 5.9],
    [0.4, 1.7, 2.2],
  ];

  it("halve P in the direction they differ in, and mirror when they change places", () => {
    for (const variances of ["welch", "student"] as const) {
      const both = tTest({ first, second, variances, tail: "two-sided" });
      expectClose(tTest({ first, second, variances, tail: "greater" }).p, (both.p ?? 0) / 2);
      expectClose(tTest({ first: second, second: first, variances, tail: "less" }).p, (both.p ?? 0) / 2);
      expectClose(tTest({ first: second, second: first, variances, tail: "two-sided" }).t, -(both.t ?? 0));
    }
  });

  it("have an exact rank P that counts the arrangements: wilcox.test(c(1,3,5), c(2,4,6,7)), all three tails", () => {
    const ranks = (tail: "two-sided" | "greater" | "less") =>
      mannWhitney({ first: [1, 3, 5], second: [2, 4, 6, 7], tail });
    expectClose(ranks("two-sided").pExact, 0.4);
    expectClose(ranks("less").pExact, 0.2);
    expectClose(ranks("greater").pExact, 0.885714285714286);
    expect(ranks("two-sided").u).toBe(3);
  });
});
