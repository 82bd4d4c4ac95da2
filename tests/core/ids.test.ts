import { describe, expect, test } from "vitest";
import { lookAlikes, tidyId } from "@/core/ids";

describe("an id as it is kept", () => {
  test.each([
    ["decomposed letters, as a Mac writes them", "Jose\u0301", "José"],
    ["composed letters, as they are", "José", "José"],
    ["Hangul in parts", "\u1112\u1161\u11ab", "한"],
    ["a space without width", "P003\u200b", "P003"],
    ["a mark of byte order, of direction, a soft hyphen", "\ufeffP\u200e0\u00ad03", "P003"],
    ["several spaces, also those that do not break", " P \u00a0\t002 ", "P 002"],
  ])("%s", (_, typed, kept) => expect(tidyId(typed)).toBe(kept));

  test("keeps what may tell two patients apart: case, zeros, kinds of hyphen, full width", () => {
    for (const id of ["p001", "007", "P\u2010005", "Ｐ００４", "1.23E+11"]) expect(tidyId(id)).toBe(id);
  });
});

describe("ids that look alike", () => {
  test.each([
    ["case", "P001", "p001"],
    ["leading zeros, lost in a spreadsheet", "007", "7"],
    ["leading zeros within", "A-007-01", "A-7-1"],
    ["full width", "P004", "Ｐ００４"],
    ["kinds of hyphen", "P-005", "P\u2010005"],
    ["a minus, a dash, an underscore or a space for a hyphen", "P-005", "P\u2212005"],
    ["an underscore for a space", "P_005", "P 005"],
    ["an exponent of a spreadsheet", "123000000000", "1.23E+11"],
    ["an exponent of an exponent", "1E5", "1.00E+05"],
    ["an exponent that was rounded", "123456789012", "1.23E+11"],
  ])("%s", (_, first, second) => {
    expect(lookAlikes([first, "other", second])).toEqual([[first, second]]);
    expect(lookAlikes([second, "other", first])).toEqual([[second, first]]);
  });

  test("are named in pairs, each with the first that it looks like", () => {
    expect(lookAlikes(["7", "007", "07", "8", "7"])).toEqual([
      ["7", "007"],
      ["7", "07"],
    ]);
  });

  test("are not those that differ", () => {
    expect(
      lookAlikes(["1", "10", "100", "01-1", "1-10", "11", "P1", "P-1", "0", "1E1", "2.5E+11", "123456789012"]),
    ).toEqual([["10", "1E1"]]);
  });
});
