import { describe, expect, test } from "vitest";
import { type BaselineItem, checkValue } from "@/core/protocol/values";
import { percent } from "@/core/stats/paper/printed";
import { oneLine } from "@/core/text/characters";
import { harmless } from "@/core/text/spreadsheet";
import { localeOf } from "@/server/locale";
import { screenInput } from "@/server/schemas/enrolment";
import { manifestRow, readsRow, scoreCell, scoresRow } from "@/server/schemas/import";
import { sweepInput } from "@/server/schemas/model";
import { reportNodeInput } from "@/server/schemas/pathology";
import { submitReadInput } from "@/server/schemas/reading";
import { costOf, linear } from "@/tests/support/cost";

const cea: BaselineItem = { key: "cea", type: "number", label: "CEA", required: false, visit: "enrolment" };
const scores = { subject: "S1", node: "n1", plane: "axial", score: "0.5" };
const reads = { reader: "R1", condition: "c1", subject: "S1", node: "n1", call: "1" };
const manifest = { subject: "S1", node: "n1", plane: "axial", file: "a.png", sa_mm: "5" };
const screening = (identity: { name: string; hospitalNumber: string }) => ({ identity, answers: {} });
const report = (specimen: string) => ({
  nodeId: crypto.randomUUID(),
  specimen,
  confidence: "certain",
  result: "positive",
  reason: null,
});

/** Nothing but digits, and then what makes no number of them. */
const digits = (length: number) => `-${"1".repeat(length)}x`;
/** A letter with accents above and below, which Unicode sorts by their place. */
const accents = (length: number) => `a${"\u0301\u0316".repeat(length)}`;
const blanks = (length: number) => `zh${" ".repeat(length)}x`;

describe("a text that somebody sends costs no more than its length:", () => {
  test.each<[string, (length: number) => string, (text: string) => unknown]>([
    ["a value of the record", digits, (text) => checkValue(cea, text, "2026-01-01")],
    ["a score", digits, (score) => scoreCell.safeParse(score)],
    ["a size of a manifest", digits, (sa_mm) => manifestRow.safeParse({ ...manifest, sa_mm })],
    ["a cell that is exported", digits, harmless],
    [
      "a figure of a paper",
      blanks,
      (text) => {
        try {
          percent(text);
        } catch {}
      },
    ],
    [
      "what language a browser wishes",
      blanks,
      (wish) => localeOf({ get: (name) => (name === "cookie" ? null : wish) }),
    ],
    ["a hospital number", accents, (hospitalNumber) => screenInput.safeParse(screening({ name: "A", hospitalNumber }))],
    ["a name", accents, (name) => screenInput.safeParse(screening({ name, hospitalNumber: "1" }))],
    ["a specimen", accents, (specimen) => reportNodeInput.safeParse(report(specimen))],
    ["a subject of a table", accents, (subject) => scoresRow.safeParse({ ...scores, subject })],
    ["a node of a table", accents, (node) => readsRow.safeParse({ ...reads, node })],
  ])("%s", (_, text, take) => expect(costOf(take, text)).toBeLessThan(linear));

  test("what is right is taken, however it is typed", () => {
    expect(checkValue(cea, " 3.5 ", "2026-01-01")).toEqual({ value: 3.5, problem: null });
    expect(scoreCell.parse("0.25")).toBe(0.25);
    expect(manifestRow.parse(manifest).sa_mm).toBe(5);
    expect(percent("62.7 %").value).toBe(0.627);
    // Sixty letters, each in two parts, with blanks round them.
    const typed = ` ${"e\u0301".repeat(60)}  `;
    expect(screenInput.parse(screening({ name: typed, hospitalNumber: typed })).identity?.hospitalNumber).toBe(
      "é".repeat(60),
    );
    expect(reportNodeInput.parse(report(typed)).specimen).toBe("é".repeat(60));
    expect(scoresRow.parse({ ...scores, subject: typed }).subject).toBe("é".repeat(60));
  });

  test("what is too long says how long it may be", () => {
    for (const long of ["é".repeat(61), accents(1_000)]) {
      const { error } = screenInput.safeParse(screening({ name: "A", hospitalNumber: long }));
      expect(error?.issues).toMatchObject([{ path: ["identity", "hospitalNumber"] }]);
    }
  });
});

describe("of a list or a record without end", () => {
  const keys = (count: number, value: unknown) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, value]));
  const read = (criteria: object) => ({
    slotId: crypto.randomUUID(),
    idempotencyKey: crypto.randomUUID(),
    criteria,
    call: "positive",
    confidence: null,
    activeMs: 1,
  });
  const ways: [string, (count: number) => { error?: { issues: unknown[] } | undefined }][] = [
    ["criteria of a read", (count) => submitReadInput.safeParse(read(keys(count, "yes")))],
    ["answers", (count) => screenInput.safeParse({ identity: null, answers: keys(count, "perhaps") })],
    ["overrides", (count) => screenInput.safeParse({ identity: null, answers: {}, overrides: keys(count, 1) })],
    ["values", (count) => screenInput.safeParse({ identity: null, answers: {}, values: keys(count, []) })],
    [
      "a list: depths of a sweep",
      (count) => sweepInput.safeParse({ depths: Array.from({ length: count }, () => "deep") }),
    ],
  ];
  test.each(ways)("%s: none is looked at", (_, take) => {
    expect(take(100_000).error?.issues).toHaveLength(1);
    // Control: few that are wrong are named one by one.
    expect(take(9).error?.issues).toHaveLength(9);
  });

  test("as many as a protocol has are taken", () => {
    const criteria = keys(400, true);
    expect(submitReadInput.parse(read(criteria)).criteria).toEqual(criteria);
  });
});

test("a text of strange characters is told at the first", () => {
  const take = (value: string) => oneLine({ value, issues: [] });
  expect(costOf(take, (length) => "a".repeat(length))).toBeLessThan(linear);
});
