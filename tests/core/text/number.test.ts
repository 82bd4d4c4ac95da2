import { expect, test } from "vitest";
import { isNumber } from "@/core/text/number";
import { costOf, linear } from "@/tests/support/cost";

test.each(["0", "1.", ".5", "-0.25", "+3", "1e5", "1.5E-7", String(Number.MIN_VALUE), String(-Math.PI / 1e300)])(
  "%j is a number",
  (text) => expect(isNumber(text)).toBe(true),
);

test.each(["", ".", "-", "1,5", "1 ", "1.5 mm", "0x1", "1e", "e5", "1.2.3", "Infinity", "1".repeat(41)])(
  "%j is none",
  (text) => expect(isNumber(text)).toBe(false),
);

test("a text of many digits that is none costs no more than its length", () => {
  const digits = (length: number) => `${"1".repeat(length)}x`;
  expect(costOf(isNumber, digits)).toBeLessThan(linear);
  // Control: a pattern in which a digit can belong to either of two parts is found out.
  expect(costOf((text) => /^(\d+\.?\d*)$/.test(text), digits)).toBeGreaterThan(linear);
});
