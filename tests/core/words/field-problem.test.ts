import { expect, test } from "vitest";
import { z } from "zod";
import { sayIn } from "@/core/words";
import { saidOf } from "@/core/words/field-problem";
import { manifestRow } from "@/server/schemas/import";
import { createStudyInput } from "@/server/schemas/study";

/** What both languages say about the first problem. */
function said(schema: z.ZodType, value: unknown) {
  const [issue] = schema.safeParse(value, { reportInput: true }).error?.issues ?? [];
  return issue && { en: sayIn("en")(saidOf(issue)), zh: sayIn("zh")(saidOf(issue)) };
}

test("a problem is said in the words of its schema, with the limit of the schema", () => {
  const study = { name: "ab", site: "Centre", shipped: "li-2021", source: null };
  expect(said(createStudyInput, study)).toEqual({
    en: "Give the study a name of at least 3 characters",
    zh: "研究名称至少 3 个字符",
  });
});

test("a cell of a table is said with its column, its value and its range", () => {
  const row = { subject: "s1", node: "n1", plane: "axial", file: "a.png", sa_mm: "300" };
  expect(said(manifestRow, row)).toEqual({
    en: "sa_mm 300 lies outside 0.01 to 200 mm; correct it or leave it empty",
    zh: "sa_mm 的值 300 超出 0.01 至 200 mm的范围；请更正或留空",
  });
});

test.each([
  ["nothing where a text is needed", z.string(), undefined, "Fill this in"],
  ["a text where a number is needed", z.number(), "a", "Enter a number"],
  ["half a number", z.int(), 1.5, "Enter a whole number"],
  ["too small a number", z.number().min(2), 1, "At least 2"],
  ["a number on its bound", z.number().gt(0), 0, "Above 0"],
  ["too large a number", z.number().max(200_000), 200_001, "At most 200,000"],
  ["too short a text", z.string().min(1), "", "At least 1 character"],
  ["too long a text", z.string().max(2), "abc", "At most 2 characters"],
  ["too few entries", z.array(z.int()).min(2), [1], "At least 2 entries"],
  ["none of the choices", z.enum(["a", "b"]), "c", "Choose one of a, b"],
  ["no address", z.email(), "x", "This has another form than expected"],
  ["a name that is not known", z.strictObject({}), { x: 1 }, "Not known here: x"],
])("%s is said by its kind where the schema has no words", (_, schema: z.ZodType, value, sentence) => {
  const both = said(schema, value);
  expect(both?.en).toBe(sentence);
  expect(both?.zh).toMatch(/\p{Script=Han}/u);
});
