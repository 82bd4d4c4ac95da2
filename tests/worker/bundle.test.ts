import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { PrimaryContrast } from "@/core/protocol/analysis";
import { notEvaluableRules } from "@/core/stats/comparison/opinions";
import { textOf, unpacked } from "@/core/text/archive";
import { columnsOf } from "@/server/services/bundle/columns";
import { makeBundle } from "@/server/services/bundle/make-bundle";
import { reproduceBundle } from "@/server/services/bundle/reproduce-bundle";
import { parseProtocol } from "@/server/services/study/parse-protocol";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { type Design, studyOf } from "@/tests/support/made-up-study";

const run = promisify(execFile);
const protocol = parseProtocol((await shippedProtocol("demonstration")).source).document;
const scripts = {
  "reproduce.R": await readFile("worker/jobs/reproduce/reproduce.R", "utf8"),
  "reproduce.py": await readFile("worker/jobs/reproduce/reproduce.py", "utf8"),
};

const works = (command: string, probe: string[]) =>
  run(command, probe).then(
    () => true,
    () => false,
  );
const programs = {
  Rscript: { name: "reproduce.R", there: await works("Rscript", ["-e", "1"]) },
  python3: { name: "reproduce.py", there: await works("python3", ["-c", "import numpy"]) },
};

async function inFolder<T>(archive: Uint8Array, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "nodewise-bundle-"));
  try {
    for (const [file, bytes] of unpacked(archive, { limit: 100_000_000 })) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), bytes);
    }
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const [first = "", second = ""] = protocol.conditions.map(({ key }) => key);
const contrast = (of: Partial<PrimaryContrast>): PrimaryContrast => ({
  first: second,
  second: first,
  measure: "auc",
  readers: "fixed",
  ...of,
});

const designs: Record<string, Design> = {
  "six random readers by area, one percent of the reads missing": {
    readers: 6,
    seed: 1,
    primary: contrast({ readers: "random" }),
    has: (r, c, image) => (31 * r + 17 * c + image) % 100 !== 0,
    isRated: (r, image) => (r + image) % 50 !== 0,
  },
  "six random readers by sensitivity, each of half of the images": {
    readers: 6,
    seed: 2,
    primary: contrast({ readers: "random", measure: "sensitivity" }),
    has: (r, _, image) => (r + image) % 2 === 0,
  },
  "the network against five random readers": {
    readers: 5,
    seed: 3,
    primary: contrast({ first: "network", readers: "random" }),
    has: (r, c, image) => (r + c + image) % 9 !== 0,
  },
  "nested: other readers in either condition, by specificity": {
    readers: 8,
    seed: 4,
    primary: contrast({ readers: "random", measure: "specificity" }),
    has: (r, c) => r % 2 === c,
  },
  "nested in patients, too: nothing is shared": {
    readers: 4,
    seed: 5,
    primary: contrast({}),
    has: (r, c, image) => r % 2 === c && image < 70 === (c === 0),
  },
  "the network against two fixed readers by sensitivity, with a reader of few images": {
    readers: 2,
    seed: 6,
    primary: contrast({ first: "network", measure: "sensitivity" }),
    has: (r, _, image) => r === 0 || image < 3,
  },
  "no plan, no network, and a reader without confidence": {
    readers: 3,
    seed: 7,
    primary: null,
    withNetwork: false,
    isRated: (r) => r !== 1,
  },
  "ratings from 1 to 5 that differ from the calls, with a reader who gave none and one who gave some": {
    readers: 6,
    seed: 10,
    primary: contrast({ readers: "random" }),
    rate: (r, image, belief) =>
      r === 1 || (r === 2 && image % 3 === 0) ? null : Math.min(5, Math.max(1, 3 + Math.round(2 * belief))),
    isRated: (r) => r !== 0,
  },
  ...Object.fromEntries(
    notEvaluableRules.map((rule, at) => [
      `reads that were not evaluable, counted by the rule "${rule}"`,
      {
        readers: 5,
        seed: 11 + at,
        primary: contrast({ readers: "random", measure: at % 2 === 0 ? "sensitivity" : "specificity" }),
        has: (r: number, c: number, image: number) => (r + c + image) % 13 !== 0,
        isEvaluable: (r: number, image: number) => (3 * r + image) % 10 !== 0,
        notEvaluable: rule,
      },
    ]),
  ),
  ...Object.fromEntries(
    (["any", "majority", "mean"] as const).flatMap((rule, i) =>
      (["node", "patient"] as const).map((level, j) => [
        `counted by ${level}, where the rule is "${rule}"`,
        {
          readers: 5,
          seed: 21 + 2 * i + j,
          primary: contrast(
            [
              { readers: "random" },
              { first: "network", measure: "sensitivity" },
              { measure: "specificity" },
              { first: "network" },
              { first: "network", measure: "specificity", readers: "random" },
              { measure: "sensitivity", readers: "random" },
            ][2 * i + j] as Partial<PrimaryContrast>,
          ),
          unit: { level, rule },
          has: (r: number, c: number, image: number) => (r + 2 * c + image) % 8 !== 0,
          isRated: (r: number, image: number) => (r + image) % 11 !== 0,
          isEvaluable: (r: number, image: number) => (5 * r + image) % 17 !== 0,
        },
      ]),
    ),
  ),
  "by node, with the calls of a rule set, where what was not evaluable counts as wrong": {
    readers: 6,
    seed: 31,
    primary: contrast({ measure: "specificity", readers: "random" }),
    unit: { level: "node", rule: "majority" },
    ruleSet: "strict",
    isEvaluable: (r, image) => (3 * r + image) % 10 !== 0,
    notEvaluable: "incorrect",
  },
  "nested by area, where two readers called images of the other condition without a confidence": {
    readers: 6,
    seed: 32,
    primary: contrast({ readers: "random" }),
    isRated: (r, _, c) => r % 2 === c,
  },
  "no read at all": { readers: 0, seed: 8, primary: contrast({}) },
};

test.each(Object.entries(designs))("%s: the program, R and Python find the same numbers", async (_, design) => {
  const study = studyOf(design);
  const archive = makeBundle(study, { scripts });
  const { differences, identical } = await reproduceBundle(archive);
  expect(differences).toEqual([]);
  expect(identical).toBe(true);
  if (study.input.primary && design.readers > 0 && design.seed !== 6) {
    const { primary } = JSON.parse(textOf(unpacked(archive, { limit: 1e8 }).get("results.json") ?? new Uint8Array()));
    expect(primary.difference.estimate, "there is something to compare").not.toBeNull();
  }
  await inFolder(archive, async (folder) => {
    for (const [command, { name, there }] of Object.entries(programs)) {
      if (!there) {
        console.warn(`${name} was not run: ${command} does not work here.`);
        continue;
      }
      const { stdout } = await run(command, [join(folder, name)], { maxBuffer: 1e8 }).catch((error) => error);
      expect(stdout.match(/^DIFFERENT.*$/gm) ?? [], name).toEqual([]);
      expect(stdout, name).toContain("Every number is that of results.json.");
    }
  });
});

const nothingMore = { factors: [], ruleSets: [] };

test("of the baseline numbers and choices have a column; days and free texts, which tell who somebody is, have none", () => {
  const about = { label: "Something", required: false, visit: "v" };
  const { patients } = columnsOf(
    {
      ...protocol,
      baseline: {
        visits: [{ key: "v", label: "Visit" }],
        items: [
          { ...about, type: "number", key: "weight", unit: { en: "kg", zh: "千克" }, min: 30, max: 200 },
          { ...about, type: "choice", key: "stage", options: [{ key: "T1", label: { en: "First", zh: "一期" } }] },
          { ...about, type: "date", key: "birth" },
          { ...about, type: "text", key: "remark" },
        ],
      },
    },
    nothingMore,
  );
  const row = {
    patient: "S-1",
    values: new Map<string, string | number>([
      ["weight", 70],
      ["birth", "1960-01-01"],
    ]),
  };
  expect(patients.map(({ name, of }) => [name, of(row)])).toEqual([
    ["patient", "S-1"],
    ["weight", 70],
    ["stage", null],
  ]);
  expect(patients[1]).toMatchObject({ unit: "kg", values: { en: "30-200" } });
  expect(patients[2]?.values).toEqual({ en: "T1 = First", zh: "T1 = 一期" });
});

test("a read holds its rating and why it was not evaluable: a reason of the protocol, or that there were words of the reader's, without them", () => {
  const { reads } = columnsOf(
    {
      ...protocol,
      form: {
        ...protocol.form,
        rating: { min: 1, max: 5, step: 1, low: "Surely none", high: { en: "Surely so", zh: "肯定有" } },
        notEvaluable: { reasons: [{ key: "motion", label: { en: "Motion", zh: "运动伪影" } }] },
      },
    },
    nothingMore,
  );
  const about = (name: string) => reads.find((column) => column.name === name);
  const image = {
    image: "I1",
    patient: "1",
    node: 1,
    plane: "axial",
    region: null,
    truth: 0 as const,
    shortAxisMm: 5,
    groups: {},
  };
  const given = {
    reader: "R2",
    condition: "images",
    occasion: 1,
    source: "reader",
    criteria: {},
    order: 1,
    seconds: 2,
    underRules: [],
  };
  const read = (notEvaluable: string | null) =>
    about("not_evaluable")?.of({ ...image, ...given, call: null, confidence: null, rating: null, notEvaluable });
  expect([read(null), read("motion"), read("Mrs. Li moved")]).toEqual([null, "motion", "own_words"]);
  expect(about("not_evaluable")?.values.zh).toBe("motion = 运动伪影; own_words = 阅片者自述原因，此处不含其文字");
  expect(about("rating")?.values).toEqual({ en: "1 = Surely none; 5 = Surely so", zh: "1 = Surely none; 5 = 肯定有" });
});

test("no word of a reader's and no moment is in any file of a bundle", async () => {
  const study = studyOf({ readers: 2, seed: 15, primary: null, patients: 8, isEvaluable: (_, image) => image % 3 > 0 });
  const files = unpacked(makeBundle(study, { scripts }), { limit: 1e8 });
  expect(textOf(files.get("reads.csv") ?? new Uint8Array())).toContain(",own_words,");
  for (const [name, bytes] of files) {
    expect(textOf(bytes), name).not.toContain("Li moved");
    expect(textOf(bytes), name).not.toContain("1970-01-01T");
  }
});

test("iMRMC, RJafroc and MRMCaov find each rating of a reader once, the network as a modality of every reader, and the truth of every image", async () => {
  const study = studyOf({
    readers: 2,
    seed: 9,
    primary: null,
    patients: 12,
    isRated: (r, image) => r === 0 || image !== 0,
  });
  const files = unpacked(makeBundle(study, { scripts }), { limit: 1e8 });
  const text = (name: string) => textOf(files.get(name) ?? new Uint8Array());
  const images = study.crops.length;
  const rated = 2 * 2 * images - 2;
  const [header, ...data] = text("imrmc/study.imrmc").split("BEGIN DATA:\n");
  expect(header).toContain(`N1: ${study.input.about.positiveImages}\nNM: 3\n`);
  const lines = (data[0] ?? "").trim().split("\n");
  expect(lines.filter((line) => /^-1,I\d+,truth,[01]$/.test(line))).toHaveLength(images);
  expect(lines.filter((line) => /^R[23],I\d+,network,0\.\d+$/.test(line))).toHaveLength(2 * images);
  expect(lines).toHaveLength(images + rated + 2 * images);
  expect(new Set(lines.map((line) => line.split(",").slice(0, 3).join())).size, "each once").toBe(lines.length);
  expect(text("mrmcaov/study.csv").trim().split("\n")).toHaveLength(1 + rated + 2 * images);
  const sheets = unpacked(files.get("rjafroc/study.xlsx") ?? new Uint8Array(), { limit: 1e8 });
  const rows = (sheet: number) =>
    textOf(sheets.get(`xl/worksheets/sheet${sheet}.xml`) ?? new Uint8Array()).match(/<row /g)?.length ?? 0;
  expect(rows(1) + rows(2)).toBe(2 + rated + 2 * images);
  expect(rows(3)).toBe(1 + images);
});
