import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { afterAll, describe, expect, test } from "vitest";
import { sayIn } from "@/core/words";
import { writeManifest } from "@/scripts/manifests/write-manifest";
import { manifestRow, readsRow, scoresRow } from "@/server/schemas/import";
import { asProblems, parseTable } from "@/server/tables/parse-table";
import { toCsv } from "@/server/tables/to-csv";
import { longestPause } from "../support/longest-pause";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const scores = (bytes: Uint8Array) =>
  parseTable(bytes, { schema: scoresRow, required: ["subject", "node", "plane", "score"] });
const inEnglish = (problems: readonly { reason: Parameters<ReturnType<typeof sayIn>>[0]; row: number }[]) =>
  problems.map(({ row, reason }) => `${row}: ${sayIn("en")(reason)}`);
const refusalOf = async (work: () => Promise<unknown>): Promise<string> => {
  try {
    await work();
  } catch (error) {
    return String(error);
  }
  throw new Error("expected a refusal");
};

const header = "subject,node,plane,score";
const one = [{ row: 2, value: { subject: "S1", node: "n1", plane: "axial", score: "0.5" }, others: {} }];

describe("a table", () => {
  // Excel writes and obeys "sep=" (support.microsoft.com, "Import or export text files"), and semicolons where the comma is the decimal sign.
  test.each([
    ["the mark of UTF-8", `\ufeff${header}\nS1,n1,axial,0.5`],
    ["semicolons and CRLF", `${header.replaceAll(",", ";")}\r\nS1;n1;axial;0.5\r\n`],
    ["tabs", `${header.replaceAll(",", "\t")}\nS1\tn1\taxial\t0.5`],
    ["a line sep=;", `sep=;\r\n${header.replaceAll(",", ";")}\r\nS1;n1;axial;0.5`],
    ["a mark and a quoted line sep=", `\ufeff"sep=,"\r\n${header}\r\nS1,n1,axial,0.5`],
    [
      "separators between quotes in a heading",
      `"a note, or two, or three, with, commas";subject;node;plane;score\n;S1;n1;axial;0.5`,
    ],
    ["a line break between quotes in a heading", `"a\n;;;;;;";subject;node;plane;score\n;S1;n1;axial;0.5`],
  ])("with %s is read", async (_, text) => {
    const { rows, problems } = await scores(bytesOf(text));
    expect(problems).toEqual([]);
    expect(rows).toEqual(one);
  });

  test("keeps its row numbers as a spreadsheet shows them: the line sep= is none", async () => {
    expect(inEnglish((await scores(bytesOf(`sep=;\nsubject;node;plane;score\n;n1;axial;0.5`))).problems)).toEqual([
      "2: subject is empty; every row needs one",
    ]);
  });

  test.each([
    ["little-endian with its mark", Buffer.from(`\ufeff${header}\nS1,n1,axial,0.5`, "utf16le")],
    ["little-endian without one", Buffer.from(`${header}\nS1,n1,axial,0.5`, "utf16le")],
    ["big-endian without one", Buffer.from(`${header}\nS1,n1,axial,0.5`, "utf16le").swap16()],
  ])("in UTF-16, %s, is refused as what it is", async (_, bytes) => {
    expect(await refusalOf(() => scores(bytes))).toMatch(/The file is UTF-16\..*save it as UTF-8/);
  });

  test("names each row and column with a character that is not kept, and takes the others", async () => {
    const { rows, problems } = await scores(
      bytesOf(`${header}\nA\u00002,n1,axial,0.5\n"A\n1",n1,axial,0.5\nA3,\u202en1,axial\u0007,0.5\nS4,n1,axial,0.5`),
    );
    expect(rows.map(({ row }) => row)).toEqual([5]);
    expect(inEnglish(problems)).toEqual([
      "2: subject has a character that cannot be stored (U+0000, a control character); delete it, or type the cell anew",
      "3: subject has a character that cannot be stored (U+000A, a line break); delete it, or type the cell anew",
      "4: node has a character that cannot be stored (U+202E, it turns the direction of the text); delete it, or type the cell anew",
      "4: plane has a character that cannot be stored (U+0007, a control character); delete it, or type the cell anew",
    ]);
  });
});

describe("a large table", () => {
  const rows = Array.from({ length: 700_000 }, (_, i) => `a${i},b,axial,0.5`);
  const bytes = bytesOf([header, ...rows].join("\n"));

  test("keeps nobody waiting, and is read as a whole at once would be", async () => {
    expect(bytes.length).toBeGreaterThan(13_000_000);
    const few = { schema: scoresRow, required: ["subject", "node", "plane", "score"], most: 1_000 } as const;
    let read: Awaited<ReturnType<typeof parseTable<typeof scoresRow>>> | undefined;
    const pause = await longestPause(async () => {
      read = await parseTable(bytes, few);
    });
    expect(pause).toBeLessThan(1);
    expect(read?.unread).toBe(rows.length - 1_000);
    expect(read?.rows.at(-1)).toMatchObject({ row: 1_001, value: { subject: "a999" } });
    // Control: whoever parses it whole is away for long.
    expect(await longestPause(async () => parse(Buffer.from(bytes)), { tries: 1 })).toBeGreaterThan(2);
  });

  test("of one row without end, or of a cell that is quoted to its end, is none", async () => {
    for (const text of [
      `${header}\n${"a".repeat(1_000_000)},n1,axial,0.5`,
      `${header}\n"S1,n1,axial,0.5\n${rows.slice(0, 10_000).join("\n")}"`,
      "a,".repeat(1_000_000),
      // Nothing but separators: the parser counts none of them.
      ",".repeat(2_000_000),
      `${header}\n${",".repeat(2_000_000)}\n`,
    ]) {
      const pause = await longestPause(async () => {
        expect(await refusalOf(() => scores(bytesOf(text)))).toMatch(/Max Record Size|more than 65,536 bytes/);
      });
      expect(pause).toBeLessThan(5);
    }
    const { rows: read } = await scores(bytesOf(`${header}\n${"a".repeat(60)},n1,axial,0.5`));
    expect(read).toHaveLength(1);
  });

  test("of thousands of columns is none", async () => {
    const columns = (count: number) => Array.from({ length: count }, (_, i) => `c${i}`).join();
    expect(await refusalOf(() => scores(bytesOf(`${header},${columns(997)}\nS1,n1,axial,0.5`)))).toMatch(
      /more than 1,000 columns/,
    );
    const { rows: read } = await scores(bytesOf(`${header},${columns(900)}\nS1,n1,axial,0.5${",".repeat(900)}`));
    expect(read).toHaveLength(1);
  });

  test.each([
    ["lines", "\n"],
    ["lines of separators", ",,,\n"],
  ])("of blank %s costs what its length does, and is taken where they are its end", async (_, blank) => {
    const few = { schema: scoresRow, required: ["subject", "node", "plane", "score"], most: 1_000 } as const;
    const end = bytesOf(`${header}\nS1,n1,axial,0.5\n${blank.repeat(250_000)}`);
    const between = bytesOf(`${header}\n${blank.repeat(250_000)}S1,n1,axial,0.5\n`);
    let read: Awaited<ReturnType<typeof parseTable<typeof scoresRow>>> | undefined;
    let seconds = 0;
    const pause = await longestPause(async () => {
      const started = process.cpuUsage();
      read = await parseTable(end, few);
      const { user, system } = process.cpuUsage(started);
      seconds += (user + system) / 1e6;
    });
    expect(pause).toBeLessThan(3);
    // Of the three together; where each line is parsed one takes six seconds.
    expect(seconds).toBeLessThan(4);
    expect(read).toMatchObject({ rows: one, unread: 0, problems: [] });
    expect(await refusalOf(() => parseTable(between, few))).toMatch(/rows after 1,000 blank lines/);
    // Control: a few hundred between rows are passed over, and rows keep their numbers.
    const { rows: apart } = await parseTable(bytesOf(`${header}\n${blank.repeat(900)}S1,n1,axial,0.5`), few);
    expect(apart).toMatchObject([{ row: 902 }]);
  });

  test("with the line ends of a Macintosh is read whole", async () => {
    const { rows: read } = await scores(
      bytesOf([header, ...Array.from({ length: 10_000 }, (_, i) => `S${i},n1,axial,0.5`)].join("\r")),
    );
    expect(read).toHaveLength(10_000);
  });

  test("with characters of several bytes is read whole, wherever a slice ends", async () => {
    const names = Array.from({ length: 9_000 }, (_, i) => `病例${i}é😀`);
    const { rows: read } = await scores(
      bytesOf([header, ...names.map((name) => `${name},"n""1",axial,0.5`)].join("\r\n")),
    );
    expect(read.map(({ value }) => value.subject)).toEqual(names);
    expect(new Set(read.map(({ value }) => value.node))).toEqual(new Set(['n"1']));
  });
});

describe("what is exported comes back as it was", () => {
  const names = ["=1+1", "-2+3", "'=x", "a,b", "a;b", 'say "x"', "王小明", "-1", "+49 30", "S-001", "'", "０01"];
  /** As Excel saves a file again where the comma is the decimal sign. */
  const throughExcel = (csv: string) =>
    stringify(parse(csv, { bom: true }), { bom: true, delimiter: ";", record_delimiter: "windows" });

  test("scores, with every name that a spreadsheet would take for something else", async () => {
    const csv = toCsv(names.map((subject, i) => ({ subject, node: "n1", plane: "axial", score: i / 16 })));
    expect(csv.startsWith("\ufeff")).toBe(true);
    expect(csv.split("\n").filter((line) => /(^|,)"?[=+@-][^\d]/.test(line))).toEqual([]);
    for (const text of [csv, throughExcel(csv)]) {
      const { rows, problems } = await scores(bytesOf(text));
      expect(problems).toEqual([]);
      expect(rows.map(({ value }) => [value.subject, Number(value.score)])).toEqual(
        names.map((name, i) => [name, i / 16]),
      );
    }
  });

  test("numbers below zero stay numbers", () => {
    expect(toCsv([{ difference: -0.25, p: 1e-7 }])).toBe("\ufeffdifference,p\n-0.25,1e-7\n");
  });

  test("a manifest, as the scripts for public sets write it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "nodewise-tables-"));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, "labels.csv"), `name,label\n=1.png,1\n"a,b.png",0\n病灶.png,1\n`);
    const argv = process.argv;
    process.argv = ["node", "script", folder, join(folder, "manifest.csv")];
    await writeManifest({
      labels: "labels.csv",
      image: ({ name = "", label }) => ({ file: name, truth: label === "1" ? 1 : 0 }),
    });
    process.argv = argv;
    const { rows, problems } = await parseTable(readFileSync(join(folder, "manifest.csv")), {
      schema: manifestRow,
      required: ["subject", "node", "plane", "file"],
    });
    expect(problems).toEqual([]);
    expect(rows.map(({ value: { subject, file, truth } }) => [subject, file, truth])).toEqual([
      ["=1.png", "=1.png", true],
      ["a,b.png", "a,b.png", false],
      ["病灶.png", "病灶.png", true],
    ]);
  });
});

// pandas writes a column of whole numbers with a missing value as floats (pandas-dev/pandas#20717).
describe("labels that passed through pandas", () => {
  test.each([
    ["1.0", true],
    ["0.0", false],
    ["1.", true],
    ["1", true],
    ["0", false],
    ["", undefined],
  ])("truth %j is taken as meant", (cell, truth) => {
    const parsed = manifestRow.parse({ subject: "A", node: "n", plane: "image", file: "a.png", truth: cell });
    expect(parsed.truth).toBe(truth);
  });

  test.each(["0.5", "1.1", "10", "01", "2.0", "1.0.0", "yes"])("truth %j is refused", (cell) => {
    const row = { subject: "A", node: "n", plane: "image", file: "a.png", truth: cell };
    expect(manifestRow.safeParse(row).success).toBe(false);
  });

  test("calls and confidence, too", () => {
    const row = { reader: "R2", condition: "c", subject: "A", node: "n", plane: "p", call: "1.0", confidence: "80.0" };
    expect(readsRow.parse(row)).toMatchObject({ call: "positive", confidence: 80 });
    expect(readsRow.parse({ ...row, call: "0.0" })).toMatchObject({ call: "negative" });
    expect(readsRow.safeParse({ ...row, call: "0.5" }).success).toBe(false);
  });
});

describe("what is wrong with many rows", () => {
  const said = async (rows: readonly string[]) => {
    const { problems } = await parseTable(
      bytesOf(["reader,condition,subject,node,call,confidence", ...rows].join("\n")),
      {
        schema: readsRow,
        required: ["reader", "call"],
      },
    );
    return (["en", "zh"] as const).map((locale) => asProblems(problems).map(sayIn(locale)));
  };
  const row = (call: string, confidence = "50") => `R2,cohort-1,S1,n1,${call},${confidence}`;

  test("is one line for the same words, with the first rows and how many more there are", async () => {
    const [en, zh] = await said(Array.from({ length: 200_000 }, () => row("perhaps")));
    expect(en).toEqual([
      'rows 2, 3, 4, 5, 6 and 199,995 more: call "perhaps" is not known; write 1 or positive, 0 or negative',
    ]);
    expect(zh).toEqual([expect.stringMatching(/^第 2, 3, 4, 5, 6 行及另外 199,995 行：/)]);
  });

  test("is one line for a kind, however its cells differ, and beside it what is wrong with few", async () => {
    const [en] = await said(
      Array.from({ length: 100 }, (_, i) => row(i === 50 ? "1" : `c${i}`, i === 50 ? "101" : "7")),
    );
    expect(en).toEqual([
      'rows 2, 3, 4, 5, 6 and 94 more, each in its own way; the first: call "c0" is not known; write 1 or positive, 0 or negative',
      "row 52: confidence 101 lies outside 0 to 100 (0-100); correct it or leave it empty",
    ]);
  });

  test("is a line for each row where they are few, and one for each wording where these are", async () => {
    const [few] = await said([row("x"), row("x"), row("1")]);
    expect(few).toEqual([expect.stringMatching(/^row 2: /), expect.stringMatching(/^row 3: /)]);
    const [wordings] = await said(["x", "y", "x", "x", "x", "x"].map((call) => row(call)));
    expect(wordings).toEqual([
      expect.stringMatching(/^rows 2, 4, 5, 6, 7: call "x"/),
      expect.stringMatching(/^row 3: call "y"/),
    ]);
  });
});
