import { expect, test } from "vitest";
import { beginTime, counted, moved, tellable, told, turned } from "@/app/_lib/active-time";

const s = 1000;

test("time counts while somebody works, and a minute after the last key, click or move", () => {
  let time = beginTime(0, true);
  time = counted(time, 10 * s);
  expect(time.worked).toBe(10 * s);
  time = counted(time, 300 * s);
  expect(time.worked, "idle from the first minute on").toBe(60 * s);
  time = moved(time, 400 * s);
  expect(time.worked, "who comes back brings nothing of the pause").toBe(60 * s);
  expect(counted(time, 430 * s).worked).toBe(90 * s);
});

test("time counts alike, however seldom it is looked at", () => {
  let often = beginTime(0, true);
  for (let at = 1; at <= 100; at++) often = counted(often, at * s);
  expect(often.worked).toBe(counted(beginTime(0, true), 100 * s).worked);
});

test("time out of sight does not count, whatever is moved there", () => {
  let time = turned(beginTime(0, true), 5 * s, false);
  time = moved(time, 20 * s);
  time = turned(time, 30 * s, true);
  expect(time.worked).toBe(5 * s);
  expect(counted(time, 40 * s).worked).toBe(15 * s);
  expect(counted(beginTime(0, false), 40 * s).worked).toBe(0);
});

test("whole seconds are told, less two that wait, and what was told is not told again", () => {
  let time = counted(beginTime(0, true), 15.9 * s);
  expect(tellable(time)).toBe(13);
  time = told(time, 13);
  expect(tellable(time)).toBe(0);
  expect(tellable(counted(time, 30 * s))).toBe(15);
  expect(tellable(beginTime(0, true))).toBe(0);
});
