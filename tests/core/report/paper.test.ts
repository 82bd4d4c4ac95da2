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

const partsOf = (example: Parameters<typeof exampleInput>[0]) => {
  const about = exampleInput(example);
  const { parts } = paperOf(about, "en").document;
  const tables = parts.filter(isTable);
  const figures = parts.filter((part) => part.kind === "figure");
  return {
    ...about,
    text: parts.flatMap((part) => (part.kind === "paragraph" ? [part.text] : [])).join("\n"),
    table: (name: string) => tables.find(({ title }) => title.startsWith(name)),
    figure: (name: string) => figures.find(({ title }) => title.startsWith(name)),
  };
};
const linesOf = (figure: Part | undefined) => (figure ? textsOf(figure) : []);

describe("a report of what was planned", () => {
  test("names the unit that is counted, its numbers and no image where nodes are counted", () => {
    const { text, table, figure, result } = partsOf({ unit: "node" });
    expect(text).toMatch(/The unit of analysis is the lymph node; it is positive when one of its images is/);
    expect(text).toMatch(/Counted by lymph node, there are 14 positive and 26 negative ones/);
    expect(text).toMatch(/It rests on 40 lymph nodes/);
    expect(table("Table 2")?.title).toBe("Table 2. Diagnostic accuracy, by lymph node");
    expect(table("Table 3")?.notes[0]).toMatch(/or lymph nodes of a pair/);
    expect(linesOf(figure("Figure 1")).join(" ")).toMatch(/Counted: 14 positive and 26 negative/);
    expect(
      linesOf(figure("Figure 1"))
        .filter((line) => /^missing/.test(line))
        .at(-1),
      "the network scored each",
    ).toBe("missing: 0 +, 0 −");
    expect(result.rows.every(({ n }) => n === 40)).toBe(true);
    expect(partsOf({}).text).toMatch(/The unit of analysis is the image\. .*It rests on 80 images/s);
  });

  test.each(["exclude", "incorrect"] as const)(
    "accounts for every read where those that were not evaluable count as planned (%s)",
    (leftOpen) => {
      const { text, table, figure, result } = partsOf({ leftOpen });
      const lines = linesOf(figure("Figure 1"));
      for (const [at, row] of result.rows.entries()) {
        const answers = lines.slice(
          lines.findIndex((line) => line === `${row.reader}, ${at % 2 ? "Second" : "First"} round`),
        );
        if (row.condition === null) continue;
        const [first, second, open, missing] = answers.slice(1, 5).map((line) => numeralsOf(line).map(Number));
        const [tp = 0, fp = 0] = first ?? [];
        const [tn = 0, fn = 0] = second ?? [];
        const [openPositive = 0, openNegative = 0] = open ?? [];
        const [missingPositive = 0, missingNegative = 0] = missing ?? [];
        expect(openPositive + openNegative).toBe(8);
        expect(tp + fn + openPositive + missingPositive, "positive").toBe(28);
        expect(fp + tn + openNegative + missingNegative, "negative").toBe(52);
        expect(row.n).toBe(80 - (leftOpen === "exclude" ? 8 : 0) - missingPositive - missingNegative);
      }
      expect(text).toMatch(
        leftOpen === "exclude"
          ? /counts as no call/
          : /counts as the call that is wrong for its image \(intention to diagnose/,
      );
      expect(table("Table 4")?.rows).toHaveLength(16);
      expect(table("STARD")?.rows.find(({ cells }) => cells[0] === "15")?.cells[2]).toMatch(/Table 4/);
      expect(partsOf({}).table("Table 4")).toBeUndefined();
    },
  );

  test("has in its flow a box for every reason why a studied node is not analysed", () => {
    const about = exampleInput();
    about.records.flow.nodes = 48;
    about.records.flow.notAnalysed = { noImage: 2, noReference: 1, byPlan: 4 };
    about.result.about.excluded = 8;
    const { document } = paperOf(about, "en");
    const drawn = document.parts
      .filter((part) => part.kind === "figure")
      .map(textsOf)[0]
      ?.join(" ");
    expect(drawn).toMatch(/Studied: 48 lymph nodes Not found at pathology \(n = 1\) Without an image \(n = 2\)/);
    expect(drawn).toMatch(/without a reference standard \(n = 1\) Left out by the plan \(n = 4\)/);
    expect(drawn).toMatch(/40 lymph nodes, 40 patients Images not analysed left out by the plan: 8/);
    expect(document.parts.flatMap(textsOf).join(" ")).toMatch(
      /8 images were left out of every number: those of lymph nodes with a short axis below 3 mm/,
    );
  });

  test("says by which rules the calls were made anew, beside those that only proposed them", () => {
    const { text, table } = partsOf({ rules: "As printed" });
    expect(text).toMatch(/proposed by fixed rules \(“Over 9 mm every node is suspicious”\)/);
    expect(text).toMatch(/made anew from its recorded criteria by the rules “As printed”, as the protocol planned/);
    expect(table("Table 2")?.notes.join(" ")).toMatch(/the rules “As printed”/);
    expect(partsOf({}).text).not.toMatch(/made anew/);
  });

  test("gives the planned contrast first, for the readers that it speaks of, and says of each P for whom it holds", () => {
    const planned = { readers: "random", measure: "sensitivity" } as const;
    const { text, table, result } = partsOf({ primary: planned, readers: ["R2", "R3", "R4", "R5", "R6", "R10"] });
    expect(text).toMatch(/The difference, for readers like these, is/);
    expect(text.match(/for these readers /g)).toHaveLength(result.averages.length);
    const rows = table("Table 3")?.rows ?? [];
    expect(rows.filter(({ heads }) => heads).map(({ cells }) => cells[0])).toEqual([
      "Primary contrast, planned, for readers like these",
      "On average over these readers",
      "The same for readers like these",
      "Of each reader",
    ]);
    const { primary } = result;
    expect(rows[1]?.cells.slice(3, 6).join(" ")).toContain(
      `${primary?.df?.toFixed(1)} ${primary?.p?.toFixed(3).replace(/^0/, "")}`,
    );
    const random = result.averages.filter((each) => each.random);
    expect(rows.findIndex(({ cells }) => cells[0] === "Of each reader")).toBe(
      4 + result.averages.length + random.length,
    );
  });

  test("names every test, what areas are of, and the families of Holm's adjustment", () => {
    const plain = partsOf({});
    expect(plain.text).toMatch(/R2, First round \(n = 80\): sensitivity/);
    expect(plain.text).toMatch(/in Second round \(\d+ of \d+ reads of 28 images\): for these readers/);
    expect(plain.text).toMatch(/R2, R10 in First round \(n = 80\)/);
    expect(plain.text).toMatch(/the network’s scores of 80 images have/);
    for (const method of [
      /U-statistics, fixed readers/,
      /cluster jackknife/,
      /paired difference/,
      /bootstrap of patients/,
    ])
      expect(plain.text).toMatch(method);
    expect(plain.text).toMatch(/with a confidence from 0 to 100/);
    expect(plain.text).toMatch(/apart from the differences of each reader, each over all its tests/);
    const rated = partsOf({ rated: true, families: [["condition"], ["reader", "network"]] });
    expect(rated.text).toMatch(/rated by how suspicious it is, from 1 \(surely benign\) to 5 \(surely malignant\)/);
    expect(rated.text).not.toMatch(/confidence from 0/);
    expect(rated.text).toMatch(/planned families: between conditions; between readers, network against readers/);
    expect(rated.table("Table 2")?.notes[0]).toMatch(/curve of the readers’ ratings, or of the scores/);
    expect(rated.figure("Figure 2")?.notes[0]).toMatch(/curves of the readers’ ratings and of/);
  });

  test("says with each estimate what must not be overlooked: in the sentences, and in Figures 2 and 3", () => {
    const marksOf = (texts: readonly string[]) =>
      texts.flatMap((each) => runsOf(each).flatMap(({ text, isRaised }) => (isRaised ? [text] : [])));
    const { parts } = paper.document;
    const [from, to] = [words.en.report.heading.results, words.en.report.heading.limits].map(headingAt);
    const told = parts.slice(from, to).flatMap(textsOf);
    expect(marksOf(told).length).toBeGreaterThan(input.result.rows.length);
    expect(told.at(-1)).toMatch(/clusters: the interval is likely too narrow/);
    for (const name of ["Figure 2", "Figure 3"]) {
      const figure = parts.find((part) => part.kind === "figure" && part.title.startsWith(name));
      const drawn = linesOf(figure).filter((line) => /^[a-z](,[a-z])*$/.test(line));
      expect(drawn.length, name).toBeGreaterThan(0);
      expect(figure?.kind === "figure" && figure.notes.at(-1), name).toMatch(/clusters/);
    }
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
