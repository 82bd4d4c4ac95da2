import { describe, expect, test } from "vitest";
import { checklists } from "@/core/report/checklists";
import { paperOf } from "@/core/report/paper";
import { type Part, runsOf } from "@/core/report/parts";
import { because } from "@/core/stats/types";
import { words } from "@/core/words";
import { exampleInput } from "./example";
import { numeralsOf, writtenNumbers } from "./numerals";

const input = exampleInput();
const paper = paperOf(input, "en");
const root = { records: input.records, result: input.result };

const textsOf = (part: Part): string[] => {
  switch (part.kind) {
    case "heading":
    case "paragraph":
      return [part.text];
    case "list":
      return [...part.items];
    case "table":
      return [part.title, ...part.head, ...part.rows.flatMap(({ cells }) => cells), ...part.notes];
    case "figure":
      return [
        part.title,
        part.alt,
        ...part.notes,
        ...[...part.svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text = ""]) => text),
      ];
    case "page":
      return [];
  }
};
const isTable = (part: Part): part is Extract<Part, { kind: "table" }> => part.kind === "table";
const headingAt = (text: string) =>
  paper.document.parts.findIndex((part) => part.kind === "heading" && part.text === text);
const told = () => paper.document.parts.slice(0, headingAt(words.en.report.heading.checklists)).flatMap(textsOf);

describe("a report", () => {
  test("cites every number by a path at which it stands in the records or in the result", () => {
    expect(paper.cited.length).toBeGreaterThan(300);
    for (const { text, path } of paper.cited) {
      const value = path
        .split(/[.[\]]+/)
        .filter(Boolean)
        .reduce<unknown>(
          (at, step) => (typeof at === "object" && at !== null ? Reflect.get(at, step) : undefined),
          root,
        );
      expect(value, path).toBeDefined();
      const written = writtenNumbers(value);
      for (const numeral of numeralsOf(text.replaceAll(/95\s%\sCI/g, "")))
        expect(written, `${text} at ${path}`).toContain(numeral);
    }
  });

  test("holds no number in its text, tables and figures that its records do not hold, and one that it made up would be found", () => {
    const known = new Set([
      ...writtenNumbers(root),
      // What its own words say ("95 %", "Table 2", "STARD 2015"), and the axes of its figures.
      ...numeralsOf(JSON.stringify(words.en.report)),
      ...numeralsOf("0.0 0.2 0.4 0.6 0.8 1.0 0.1 0.3 0.5 0.05 0.04 0.02 0.01 1 2 4 5"),
      ...numeralsOf(
        `${input.records.study.lockedAt} ${JSON.stringify(input.computed)} ${JSON.stringify(input.result.about)} R2 R10`,
      ),
      ...input.result.rows.flatMap(({ sensitivity }) => numeralsOf(JSON.stringify(sensitivity.method))),
    ]);
    const stray = (texts: readonly string[]) => texts.flatMap(numeralsOf).filter((numeral) => !known.has(numeral));
    expect(stray(told())).toEqual([]);
    expect(stray(["sensitivity 12.345 %"])).toEqual(["12.345"]);
  });

  test("says synthetic in each figure and for each page, and says nothing of it for a study of patients", () => {
    const figures = (parts: readonly Part[]) => parts.filter((part) => part.kind === "figure");
    expect(figures(paper.document.parts)).toHaveLength(3);
    for (const figure of figures(paper.document.parts)) expect(textsOf(figure).join(" ")).toMatch(/Synthetic/);
    expect(paper.document.watermark).toBe("Synthetic");
    const real = paperOf(exampleInput({ synthetic: false }), "en").document;
    expect(real.watermark).toBeNull();
    expect(real.parts.flatMap(textsOf).join(" ")).not.toMatch(/ynthetic/);
  });

  test("states its limits: one site and not of two, missing reads, few readers, no leak", () => {
    const text = paper.document.parts.flatMap((part) => (part.kind === "list" ? part.items : [])).join("\n");
    expect(text).toMatch(/All participants come from one site/);
    expect(text).toMatch(/R10, Second round, positive images: 27 of 28 read/);
    expect(text).toMatch(/There are 2 readers/);
    expect(text).toMatch(/None of the 80 held-out images/);
    expect(text).toMatch(/exchanged labels has an AUC of 0\.512/);
    const two = paperOf(exampleInput({ sites: 2 }), "en").document.parts.flatMap((part) =>
      part.kind === "list" ? part.items : [],
    );
    expect(two.join("\n")).not.toMatch(/one site/);
  });

  test("is told in Chinese with the same numbers from the same places", () => {
    const chinese = paperOf(input, "zh");
    expect(chinese.cited.map(({ path }) => path)).toEqual(paper.cited.map(({ path }) => path));
    expect(chinese.cited.map(({ text }) => numeralsOf(text))).toEqual(paper.cited.map(({ text }) => numeralsOf(text)));
    expect(chinese.document.parts.flatMap(textsOf).join("")).toMatch(/灵敏度/);
  });

  const raisedIn = (texts: readonly string[]) =>
    texts.flatMap((each) => runsOf(each).flatMap(({ text, isRaised }) => (isRaised ? text.split(",") : [])));

  test("marks what must not be overlooked in the cell, or at the heading where a whole column has it, with its footnote below", () => {
    for (const table of paper.document.parts.filter(isTable)) {
      const marks = new Set(raisedIn([...table.head, ...table.rows.flatMap(({ cells }) => cells)]));
      const notes = new Set(
        table.notes.flatMap((note) => runsOf(note).flatMap(({ text, isRaised }) => (isRaised ? [text] : []))),
      );
      expect([...marks].sort(), table.title).toEqual([...notes].sort());
    }
    const accuracy = paper.document.parts.filter(isTable).find(({ title }) => title.startsWith("Table 2"));
    expect(accuracy?.notes.join(" ")).toMatch(/clusters/);
  });

  test("marks the columns of Table 2 that the plan does not name as post hoc, once, at their headings", () => {
    const postHoc = because("post_hoc");
    const rows = input.result.rows.map((row) => ({
      ...row,
      ppv: row.ppv.estimate === null ? row.ppv : { ...row.ppv, caution: postHoc },
    }));
    const marked = paperOf({ ...input, result: { ...input.result, rows } }, "en").document;
    const table = marked.parts.filter(isTable).find(({ title }) => title.startsWith("Table 2"));
    const [note = ""] = table?.notes.filter((each) => each.includes("post hoc")) ?? [];
    const mark = /([a-z]+)[^a-z]* post hoc/.exec(note)?.[1];
    const at = table?.head.findIndex((each) => each.startsWith("PPV")) ?? -1;
    expect(raisedIn([table?.head[at] ?? ""])).toEqual([mark]);
    for (const { cells } of table?.rows ?? []) expect(raisedIn([cells[at] ?? ""])).not.toContain(mark);
    expect(paper.document.parts.flatMap(textsOf).join(" "), "control: no mark comes by itself").not.toMatch(/post hoc/);
  });
});

describe("reporting checklists", () => {
  /* STARD 2015: 30 items, of which 10, 12, 13 and 21 have two parts. CLAIM 2024: 44. TRIPOD+AI: 27 items with 52 parts. */
  const partsOf: Record<string, number> = {
    "3": 3,
    "5": 2,
    "6": 3,
    "8": 3,
    "9": 3,
    "12": 7,
    "18": 6,
    "20": 3,
    "23": 2,
    "27": 3,
  };
  const numbered = (count: number, parts: Record<string, number>) =>
    Array.from({ length: count }, (_, at) => String(at + 1)).flatMap((item) =>
      parts[item] ? Array.from({ length: parts[item] }, (_, part) => `${item}${"abcdefg"[part]}`) : [item],
    );

  test("have every item of their guideline, in its order", () => {
    const itemsOf = (name: keyof typeof checklists) => checklists[name].map(([item]) => item);
    expect(itemsOf("stard")).toEqual(numbered(30, { "10": 2, "12": 2, "13": 2, "21": 2 }));
    expect(itemsOf("stard")).toHaveLength(34);
    expect(itemsOf("claim")).toEqual(numbered(44, {}));
    expect(itemsOf("tripod_ai")).toEqual(numbered(27, partsOf));
    expect(itemsOf("tripod_ai")).toHaveLength(52);
  });

  test("stand in the report whole, each item with where it is answered or to be written", () => {
    const tables = paper.document.parts.filter(isTable).filter(({ head }) => head[0] === "Item");
    expect(tables.map(({ rows }) => rows.length)).toEqual([34, 44, 52]);
    for (const { cells } of tables.flatMap(({ rows }) => rows)) {
      expect(cells[1]).not.toBe("");
      expect(cells[2]).not.toBe("");
    }
    expect(tables[0]?.rows.find(({ cells }) => cells[0] === "19")?.cells[2]).toBe("Figure 1");
    expect(tables[0]?.rows.find(({ cells }) => cells[0] === "30")?.cells[2]).toBe("To be written");
  });
});
