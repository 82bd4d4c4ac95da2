import { describe, expect, it, test } from "vitest";
import {
  type BaselineItem,
  checkValue,
  checkValues,
  isOutOfRange,
  isTimeZone,
  missingItems,
  problemOfRecordDay,
  problemsOfOrder,
  today,
} from "@/core/protocol/values";
import { sayIn } from "@/core/words";

const about = { required: false, visit: "enrolment" };
const age: BaselineItem = {
  key: "age_years",
  type: "number",
  label: "Age",
  unit: "years",
  min: 0,
  max: 120,
  decimals: 0,
  ...about,
};
const cea: BaselineItem = { key: "cea", type: "number", label: "CEA", decimals: 1, ...about };
const stage: BaselineItem = {
  key: "t_stage",
  type: "choice",
  label: "T stage",
  options: [
    { key: "1", label: "T1" },
    { key: "T4a", label: "T4a" },
  ],
  ...about,
  required: true,
};
const surgery: BaselineItem = {
  key: "surgery_date",
  type: "date",
  label: "Surgery",
  notBefore: "2020-01-01",
  notAfter: "today",
  ...about,
};
const note: BaselineItem = { key: "note", type: "text", label: "Note", ...about };
const day = "2026-03-10";

describe("a value is kept", () => {
  test.each<[string, BaselineItem, unknown, number | string]>([
    ["a number as text", age, " 61 ", 61],
    ["a number as a number", age, 0, 0],
    ["the largest number", age, "120", 120],
    ["as many decimals as there may be", cea, "3.1", 3.1],
    ["an option by its key, though it looks like a number", stage, "1", "1"],
    ["the last day there may be", surgery, day, day],
    ["the first", surgery, "2020-01-01", "2020-01-01"],
    ["a text that looks like a number", note, "007", "007"],
  ])("%s", (_, item, raw, value) => {
    expect(checkValue(item, raw, day)).toEqual({ value, problem: null });
  });
});

describe("a value is refused with the remedy", () => {
  test.each<[string, BaselineItem, unknown, RegExp]>([
    ["a decimal comma", age, "6,2", /"6,2" is not a number; write it with a decimal point, in years/],
    ["a unit in the cell", age, "61 years", /not a number/],
    ["below the range", age, -1, /-1 lies below 0 years/],
    ["above the range", age, "121", /121 lies above 120 years/],
    ["a broken year", age, "61.5", /61.5 is not a whole number/],
    ["too many decimals", cea, "3.14", /3.14 has more than 1 decimals/],
    ["beyond any number", cea, "1e999", /too large/],
    ["an option that is none", stage, "T9", /"T9" is not known; choose one of 1, T4a/],
    ["a label in place of the key", stage, "T1", /not known/],
    ["an option that is a number", stage, 1, /not known/],
    ["a day that does not exist", surgery, "2026-02-30", /"2026-02-30" is no day; write it as 2026-03-01/],
    ["a day in another order", surgery, "10.03.2026", /is no day/],
    ["after today", surgery, "2026-03-11", /2026-03-11 is after 2026-03-10/],
    ["before the first", surgery, "2019-12-31", /2019-12-31 is before 2020-01-01/],
    ["an endless text", note, "x".repeat(1001), /longer than 1000/],
    ["a thing", note, { a: 1 }, /is empty/],
  ])("%s", (_, item, raw, problem) => {
    const refused = checkValue(item, raw, day);
    expect(refused.value).toBeNull();
    expect(refused.problem && sayIn("en")(refused.problem)).toMatch(problem);
  });
});

describe("a date for which the protocol gives no bound", () => {
  const planned: BaselineItem = { key: "surgery_date", type: "date", label: "Surgery", ...about };

  test.each([
    ["before 1900", "1899-12-31", "1899-12-31 is before 1900-01-01; correct it", "1899-12-31 早于 1900-01-01；请更正"],
    ["in 9999", "9999-12-31", "9999-12-31 is after 2027-03-11; correct it", "9999-12-31 晚于 2027-03-11；请更正"],
  ])("is refused %s", (_, written, en, zh) => {
    const { problem } = checkValue(planned, written, day);
    expect(problem && [sayIn("en")(problem), sayIn("zh")(problem)]).toEqual([en, zh]);
  });

  test("can be planned, at most a year ahead", () => {
    expect(checkValue(planned, "2026-03-24", day).value).toBe("2026-03-24");
  });
});

describe("the day of a consent or an MRI exam", () => {
  const baseline = { visits: [], items: [] };

  test.each([
    ["2026-03-11", "2026-03-11 is after 2026-03-10; correct it"],
    ["1899-12-31", "1899-12-31 is before 1900-01-01; correct it"],
    ["0001-01-01", "0001-01-01 is before 1900-01-01; correct it"],
  ])("is refused on %s", (written, sentence) => {
    const problem = problemOfRecordDay(baseline, written, day);
    expect(problem && sayIn("en")(problem)).toBe(sentence);
  });

  test("is refused before the first day of the protocol, and kept on it and today", () => {
    const since = { ...baseline, notBefore: "2026-01-01" };
    expect(problemOfRecordDay(since, "2025-12-31", day)).toMatchObject({ key: "fields.item_early" });
    expect(problemOfRecordDay(since, "2026-01-01", day)).toBeNull();
    expect(problemOfRecordDay(since, day, day)).toBeNull();
  });
});

describe("dates that follow each other", () => {
  const baseline = { visits: [], items: [surgery], order: ["consent_date", "mri_date", "surgery_date"] };

  test("are refused where one is before the one that it follows, passing over what is not recorded", () => {
    const [problem, ...more] = problemsOfOrder(baseline, { consent_date: "2026-01-05", surgery_date: "2026-01-04" });
    expect(more).toEqual([]);
    expect(problem).toMatchObject({ name: "surgery_date", follows: "consent_date", label: "Surgery" });
    expect(problem && sayIn("en")(problem.problem)).toBe(
      "2026-01-04 is before Date of consent (2026-01-05); correct the one that is wrong",
    );
    expect(problem && sayIn("zh")(problem.problem)).toBe(
      "2026-01-04 早于“知情同意日期”（2026-01-05）；请更正有误的日期",
    );
  });

  test("are kept in their order, on one day, and where the protocol says no order", () => {
    const dates = { consent_date: "2026-01-05", mri_date: "2026-01-05", surgery_date: "2026-01-06" };
    expect(problemsOfOrder(baseline, dates)).toEqual([]);
    expect(problemsOfOrder({ ...baseline, order: undefined }, { ...dates, surgery_date: "2026-01-01" })).toEqual([]);
  });
});

it("passes over what is left open, and refuses an item that the protocol does not have", () => {
  const { values, problems } = checkValues([age, stage], { age_years: "", t_stage: "T4a", cea: 3 }, day);
  expect(values).toEqual({ t_stage: "T4a" });
  expect(problems).toEqual({ cea: { key: "fields.item_unknown" } });
});

it("misses a required item only", () => {
  expect(missingItems([age, stage], {}).map(({ key }) => key)).toEqual(["t_stage"]);
  expect(missingItems([age, stage], { t_stage: "1" })).toEqual([]);
});

test("a number outside its range is refused, asks for a reason, or is taken with one; what is no number never is", () => {
  const said = (raw: unknown, outOfRange?: "refused" | "asked" | "taken") => {
    const { value, problem } = checkValue(age, raw, day, outOfRange);
    return problem ? sayIn("en")(problem) : value;
  };
  expect(said("130")).toBe("130 lies above 120 years; correct it");
  expect(said("130", "asked")).toBe("130 lies above 120 years; correct it, or give the reason");
  expect(said("130", "taken")).toBe(130);
  expect(said("-1.5", "taken")).toBe("-1.5 is not a whole number; round it down");
  expect(said("old", "asked")).toBe('"old" is not a number; write it with a decimal point, in years');
  expect([isOutOfRange(age, 130), isOutOfRange(age, 120), isOutOfRange(cea, -5)]).toEqual([true, false, false]);
});

test("a time zone is one that this machine knows", () => {
  expect(["Asia/Shanghai", "Etc/GMT+12", "Nowhere/Land", ""].map(isTimeZone)).toEqual([true, true, false, false]);
  expect(today("Asia/Shanghai")).toMatch(/^\d{4}-\d{2}-\d{2}$/);
});
