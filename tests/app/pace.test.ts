import { expect, test } from "vitest";
import {
  beginPace,
  minutesFor,
  minutesWithoutBreak,
  type Pace,
  submitted,
} from "@/app/studies/[study]/reading/case/pace";

const minute = 60_000;

/** Reads one case after the other, each in so many minutes. */
const readOn = (pace: Pace, minutes: readonly number[]) =>
  minutes.reduce(
    (before, each) => submitted(before, { now: before.last + each * minute, activeMs: each * minute }),
    pace,
  );

test("the time that is left is that of the middle one of the last twenty cases, and told of no fewer than five", () => {
  const four = readOn(beginPace(0), [1, 1, 1, 9]);
  expect(minutesFor(four, 10)).toBeNull();
  expect(minutesFor(readOn(four, [1]), 10), "one long case does not count").toBe(10);
  const slower = readOn(
    four,
    Array.from({ length: 20 }, () => 3),
  );
  expect(minutesFor(slower, 2), "those before are forgotten").toBe(6);
  expect(slower.times).toHaveLength(20);
});

test("a break is advised after 45 minutes, however the cases lie in them, and no more once there was one of five", () => {
  const almost = readOn(
    beginPace(0),
    Array.from({ length: 44 }, () => 1),
  );
  expect(minutesWithoutBreak(almost)).toBeNull();
  const due = readOn(almost, [1.5]);
  expect(minutesWithoutBreak(due)).toBe(45);
  const short = submitted(due, { now: due.last + 5 * minute, activeMs: minute });
  expect(minutesWithoutBreak(short), "four minutes are none").toBe(50);
  const rested = submitted(short, { now: short.last + 7 * minute, activeMs: minute });
  expect(minutesWithoutBreak(rested)).toBeNull();
  expect(rested.since, "the case after it is the first of the next").toBe(rested.last - minute);
});

test("a case that is long in hand is no break", () => {
  const long = submitted(beginPace(0), { now: 50 * minute, activeMs: 50 * minute });
  expect(minutesWithoutBreak(long)).toBe(50);
});
