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
    (before, each) => submitted(before, { now: before.last + each * minute, activeMs: each * minute, isNew: true }),
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
  expect(minutesWithoutBreak(almost, { now: almost.last })).toBeNull();
  const due = readOn(almost, [1.5]);
  expect(minutesWithoutBreak(due, { now: due.last })).toBe(45);
  const short = submitted(due, { now: due.last + 5 * minute, activeMs: minute, isNew: true });
  expect(minutesWithoutBreak(short, { now: short.last }), "four minutes are none").toBe(50);
  const rested = submitted(short, { now: short.last + 7 * minute, activeMs: minute, isNew: true });
  expect(minutesWithoutBreak(rested, { now: rested.last })).toBeNull();
  expect(rested.since, "the case after it is the first of the next").toBe(rested.last - minute);
});

test("a case that is long in hand is no break", () => {
  const long = submitted(beginPace(0), { now: 50 * minute, activeMs: 50 * minute, isNew: true });
  expect(minutesWithoutBreak(long, { now: long.last })).toBe(50);
});

test("while a break lasts none is advised, and a correction is neither a break nor a case of its own", () => {
  const due = readOn(
    beginPace(0),
    Array.from({ length: 46 }, () => 1),
  );
  expect(minutesWithoutBreak(due, { now: due.last + 4 * minute })).toBe(46);
  expect(minutesWithoutBreak(due, { now: due.last + 6 * minute })).toBeNull();
  const corrected = submitted(due, { now: due.last + 6 * minute, activeMs: 6 * minute, isNew: false });
  expect(minutesWithoutBreak(corrected, { now: corrected.last })).toBe(52);
  expect(corrected.times).toEqual(due.times);
});
