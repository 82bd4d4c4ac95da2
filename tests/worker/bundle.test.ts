import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { PrimaryContrast } from "@/core/protocol/analysis";
import { notEvaluableRules } from "@/core/stats/comparison/opinions";
import { obuchowskiRockette } from "@/core/stats/readers/obuchowski-rockette";
import { bytesOf, packed, textOf, unpacked } from "@/core/text/archive";
import { comparison } from "@/server/schemas/analysis";
import { compareStudy } from "@/server/services/analysis/compare-study";
import { columnsOf } from "@/server/services/bundle/columns";
import type { LoadedBundle } from "@/server/services/bundle/load-bundle";
import { makeBundle } from "@/server/services/bundle/make-bundle";
import { reproduceBundle } from "@/server/services/bundle/reproduce-bundle";
import { canonicalJson } from "@/server/services/study/canonical-json";
import { parseProtocol } from "@/server/services/study/parse-protocol";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { sha256 } from "@/server/sha256";
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
  ...Object.fromEntries(
    (["any", "majority", "mean"] as const).map((rule, i) => [
      `by patient, by the rule "${rule}", where the network and the readers lack images of the same patients`,
      {
        readers: 5,
        seed: 33 + i,
        primary: contrast({ first: "network", measure: i === 0 ? "auc" : "sensitivity", readers: "random" }),
        unit: { level: "patient", rule },
        isScored: (image: number) => image % 5 !== 0,
        isEvaluable: (r: number, image: number) => (3 * r + image) % 10 !== 0,
        notEvaluable: "incorrect" as const,
      },
    ]),
  ),
  "nested by area, where two readers called images of the other condition without a confidence": {
    readers: 6,
    seed: 32,
    primary: contrast({ readers: "random" }),
    isRated: (r, _, c) => r % 2 === c,
  },
  "hidden repeats in both conditions": {
    readers: 5,
    seed: 42,
    primary: contrast({ readers: "random" }),
    isRepeated: (r, _, image) => (image + r) % 5 === 0,
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
    ["baseline_weight", 70],
    ["baseline_stage", null],
  ]);
  expect(patients[1]).toMatchObject({ unit: "kg", values: { en: "30-200" } });
  expect(patients[2]?.values).toEqual({ en: "T1 = First", zh: "T1 = 一期" });
});

test("a value of the baseline that was recorded as something else is left empty, and the code book says how many there are", () => {
  const loaded = studyOf({ readers: 2, seed: 9, primary: null });
  const [first, second] = [...new Set(loaded.crops.map(({ subjectId }) => subjectId))];
  const bundleOf = (value: string | null) => {
    const baseline = [
      { subjectId: first ?? "", key: "t_stage", value },
      { subjectId: second ?? "", key: "t_stage", value: "T2" },
    ];
    const files = unpacked(makeBundle({ ...loaded, baseline }, { scripts }), { limit: 100_000_000 });
    const [patients = "", book = ""] = ["patients.csv", "codebook.csv"].map((name) =>
      textOf(files.get(name) ?? new Uint8Array()),
    );
    return {
      stages: patients.match(/T\d/g),
      line: book.split("\n").find((line) => line.includes(",baseline_t_stage,")),
    };
  };
  const control = bundleOf("T3");
  expect(control.stages).toEqual(["T3", "T2"]);
  expect(control.line).not.toMatch(/left out/);
  const { stages, line } = bundleOf(null);
  expect(stages).toEqual(["T2"]);
  expect(line).toMatch(/Clinical T stage \(one value left out: recorded as something else.*略去 1 个值/);
});

test("where reads were made here, it holds which of them their readers signed, with a line of the code book for each column; otherwise no such table", () => {
  const loaded = studyOf({ readers: 2, seed: 9, primary: null });
  const filesOf = (signatures: LoadedBundle["signatures"]) =>
    unpacked(makeBundle({ ...loaded, signatures }, { scripts }), { limit: 100_000_000 });
  expect([...filesOf([]).keys()], "control").not.toContain("signatures.csv");
  const list = { listId: "x", readerCode: "R1", condition: first, batch: 1, reads: 12 };
  const signature = {
    ...{ meaning: "alone_size_hidden" as const, protocolVersion: "1.2", name: "Dr. Moon", sha256: "0".repeat(64) },
    ...{ at: new Date("2026-01-05T08:00:00Z"), stands: true },
  };
  const files = filesOf([
    { ...list, signature },
    { ...list, batch: 2, signature: null },
  ]);
  const [text = "", book = "", about = ""] = ["signatures.csv", "codebook.csv", "README.md"].map((name) =>
    textOf(files.get(name) ?? new Uint8Array()),
  );
  expect(text.trim().split(/\r?\n/)).toEqual([
    "reader,condition,batch,reads,meaning,protocol_version,reads_sha256,stands",
    `R1,${first},1,12,alone_size_hidden,1.2,${"0".repeat(64)},1`,
    `R1,${first},2,12,,,,`,
  ]);
  expect(book.match(/^signatures\.csv,/gm)).toHaveLength(8);
  expect(about.match(/signatures\.csv/g), "in both languages").toHaveLength(2);
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
    isRepeat: false,
    source: "reader",
    afterUnblinding: [],
    inWashOut: false,
    criteria: {},
    order: 1,
    seconds: 2,
    display: null,
    underRules: [],
  };
  const read = (notEvaluable: string | null) =>
    about("not_evaluable")?.of({ ...image, ...given, call: null, confidence: null, rating: null, notEvaluable });
  expect([read(null), read("motion"), read("Mrs. Li moved")]).toEqual([null, "motion", "own_words"]);
  expect(about("not_evaluable")?.values.zh).toBe("motion = 运动伪影; own_words = 阅片者自述原因，此处不含其文字");
  expect(about("rating")?.values).toEqual({ en: "1 = Surely none; 5 = Surely so", zh: "1 = Surely none; 5 = 肯定有" });
});

test("hidden repeats are told apart in the table, count for agreement and for nothing else, and are in no file of another program", async () => {
  const design: Design = { readers: 3, seed: 41, primary: contrast({}), ruleSet: "strict" };
  const [without, study] = [
    studyOf(design),
    studyOf({ ...design, isRepeated: (r, c, image) => c === 0 && (image + r) % 4 === 0 }),
  ];
  const { agreement, units, ...rest } = comparison.parse(study.result);
  const { agreement: others, units: otherUnits, ...same } = comparison.parse(without.result);
  expect(rest).toEqual(same);
  const unpaired = ({ agreement: _, ...unit }: (typeof units)[number]) => unit;
  expect(units.map(unpaired)).toEqual(otherUnits.map(unpaired));
  expect(agreement.filter(({ kind }) => kind !== "repeats")).toEqual(others);
  expect(agreement.filter(({ kind }) => kind === "repeats")).toMatchObject(
    ["R2", "R3", "R4"].map((reader) => ({ readers: [reader, reader], condition: first })),
  );

  const archive = makeBundle(study, { scripts });
  expect(await reproduceBundle(archive)).toMatchObject({ identical: true, differences: [] });
  const filesOf = (bytes: Uint8Array) => unpacked(bytes, { limit: 1e8 });
  const [files, plain] = [filesOf(archive), filesOf(makeBundle(without, { scripts }))];
  const rows: Record<string, string>[] = parse(textOf(files.get("reads.csv") ?? new Uint8Array()), { columns: true });
  const again = rows.filter(({ repeat }) => repeat === "1");
  expect(again).toHaveLength(study.reads.length - without.reads.length);
  expect(new Set(again.map(({ occasion }) => occasion))).toEqual(new Set(["2"]));
  expect(new Set(rows.filter(({ repeat }) => repeat === "0").map(({ occasion }) => occasion))).toEqual(new Set(["1"]));
  for (const name of ["imrmc/study.imrmc", "mrmcaov/study.csv", "rjafroc/study.xlsx"])
    expect(files.get(name), name).toEqual(plain.get(name));
});

test("a read that was made after its reader had been told something of the patient says what, one that was made in a wash-out that it was; any other nothing", () => {
  const study = studyOf({ readers: 2, seed: 3, primary: null, patients: 4 });
  const told = new Map(
    [...study.reads.filter(({ source }) => source === "reader")].slice(0, 2).map(({ id }) => [id, 1]),
  );
  const reads = study.reads.map((read) => ({
    ...read,
    afterUnblinding: told.has(read.id) ? (["pathology", "size"] as const).slice() : [],
    inWashOut: read.source === "reader" ? told.has(read.id) : null,
  }));
  const files = unpacked(makeBundle({ ...study, reads }, { scripts }), { limit: 1e8 });
  const rows = z
    .array(z.record(z.string(), z.string()))
    .parse(parse(textOf(files.get("reads.csv") ?? new Uint8Array()), { columns: true, bom: true }));
  const flags = rows.map((row) => row.after_unblinding);
  expect(flags.filter(Boolean)).toEqual(["pathology+size", "pathology+size"]);
  expect(rows.map((row) => row.in_wash_out)).toEqual(
    rows.map(({ source, after_unblinding: flag }) => (source !== "reader" ? "" : flag ? "1" : "0")),
  );
  expect(flags.length, "none is left out").toBe(study.reads.length);
  expect(textOf(files.get("codebook.csv") ?? new Uint8Array())).toMatch(/^reads\.csv,after_unblinding,category,/m);
});

test("a read made here holds how the case was looked at, a window that was never set as what it is; of others nothing is known", () => {
  const study = studyOf({ readers: 2, seed: 3, primary: null, patients: 4 });
  const files = unpacked(makeBundle(study, { scripts }), { limit: 1e8 });
  const rows = z
    .array(z.record(z.string(), z.string()))
    .parse(parse(textOf(files.get("reads.csv") ?? new Uint8Array()), { columns: true, bom: true }));
  const columns = [
    ...["zoom", "kernel", "window_width", "window_level", "inverted", "times_hidden"],
    ...["screen_width_px", "screen_height_px", "pixel_ratio", "pointer"],
  ];
  const told = (source: string) => [
    ...new Set(
      rows.filter((row) => row.source === source).map((row) => columns.map((column) => row[column]).join(" ")),
    ),
  ];
  expect(told("reader")).toEqual(["2 browser 256 128 0 1 1440 900 1.25 none"]);
  expect(told("imported")).toEqual([" ".repeat(columns.length - 1)]);
});

test("results are recomputed from the tables alone: data that somebody wrote into the settings are not looked at", async () => {
  const study = studyOf({ readers: 3, seed: 1, primary: null });
  const { images, reads, scores, timed } = study.input;
  const files = new Map(unpacked(makeBundle(study, { scripts }), { limit: 1e8 }));
  const text = (name: string) => textOf(files.get(name) ?? new Uint8Array());
  const settings = { ...JSON.parse(text("settings.json")), images, reads, scores, timed };
  files.set("settings.json", bytesOf(JSON.stringify(settings)));
  files.set("reads.csv", bytesOf(`${text("reads.csv").split("\n").slice(0, 3).join("\n")}\n`));
  files.delete("SHA256SUMS");
  const sums = [...files].map(([name, bytes]) => `${sha256(bytes)}  ${name}\n`).join("");
  const { identical, differences } = await reproduceBundle(packed(files.set("SHA256SUMS", bytesOf(sums))));
  expect(identical).toBe(false);
  expect(differences.map(({ key }) => key)).not.toContain("bundle.differs.file");
  expect(differences.length).toBeGreaterThan(10);
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
  // The network is held against each reader on the images of that reader.
  const scored = 2 * images - 1;
  const [header, ...data] = text("imrmc/study.imrmc").split("BEGIN DATA:\n");
  expect(header).toContain(`N1: ${study.input.about.positiveImages}\nNM: 3\n`);
  const lines = (data[0] ?? "").trim().split("\n");
  expect(lines.filter((line) => /^truth,I\d+,truth,[01]$/.test(line))).toHaveLength(images);
  expect(lines.filter((line) => /^R[23],I\d+,network,0\.\d+$/.test(line))).toHaveLength(scored);
  expect(lines).toHaveLength(images + rated + scored);
  expect(new Set(lines.map((line) => line.split(",").slice(0, 3).join())).size, "each once").toBe(lines.length);
  expect(text("mrmcaov/study.csv").trim().split("\n")).toHaveLength(1 + rated + scored);
  const sheets = unpacked(files.get("rjafroc/study.xlsx") ?? new Uint8Array(), { limit: 1e8 });
  const rows = (sheet: number) =>
    textOf(sheets.get(`xl/worksheets/sheet${sheet}.xml`) ?? new Uint8Array()).match(/<row /g)?.length ?? 0;
  // RJafroc refuses a study of which a rating is missing: of the one image none is there.
  expect(rows(1) + rows(2)).toBe(2 + 2 * 3 * (images - 1));
  expect(rows(3)).toBe(images);
  expect(text("README.md")).toContain("rjafroc/study.xlsx");
});

const averagesOf = ({ input }: LoadedBundle) => compareStudy(input).averages;
const planned = contrast({ readers: "random" });
const inOtherProgramsOf = (design: Partial<Design>) => {
  const study = studyOf({ readers: 6, seed: 41, patients: 120, alone: true, primary: planned, ...design });
  return { study, files: unpacked(makeBundle(study, { scripts }), { limit: 1e8 }) };
};

/** Truth and ratings by modality and reader of the data frame, of the cases that have all of them. */
function completeOf(csv: string) {
  const rows = csv
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","));
  const [readers, modalities, cases] = [0, 1, 2].map((at) => [...new Set(rows.map((row) => row[at] ?? ""))]);
  const truthOf = new Map(rows.map(([, , of = "", truth]) => [of, Number(truth)]));
  const ratingOf = new Map(rows.map(([reader, test, of, , rating]) => [`${reader} ${test} ${of}`, Number(rating)]));
  const all = (cases ?? []).filter((of) =>
    readers?.every((reader) => modalities?.every((test) => ratingOf.has(`${reader} ${test} ${of}`))),
  );
  const scores = (modalities ?? []).map((test) =>
    (readers ?? []).map((reader) => all.map((of) => ratingOf.get(`${reader} ${test} ${of}`) ?? Number.NaN)),
  );
  return { truth: all.map((of) => truthOf.get(of) ?? Number.NaN), scores };
}

/**
 * What the programs' own code computed from these very files, on 28 November 2026: RJafroc 2.1.3 (DfReadDataFile with newExcelFileFormat, St with FOM "Wilcoxon"
 * and method "OR"), MRMCaov 0.3.0 (mrmc of empirical_auc, with jackknife and DeLong), the R package iMRMC (doIMRMC, Ustat; commit ad589e5), and for the first two rows
 * of iMRMC its Java program 4.0.2, to the nine digits that it prints.
 */
const elsewhere = {
  rjafroc: [
    { design: { seed: 45, withNetwork: false }, pair: [0, 1], error: 0.023160612206745, df: 5, p: 0.012820251600759 },
    { design: {}, pair: [0, 1], error: 0.046748670078833, df: 41.113350473721, p: 0.2099466401193698 },
    { design: {}, pair: [1, 2], error: 0.046748670078833, df: 41.113350473721, p: 0.0060989351808658 },
    {
      design: { seed: 42, has: (r: number, c: number, image: number) => (31 * r + 17 * c + image) % 25 !== 0 },
      ...{ pair: [0, 2], error: 0.063010423729292, df: 375.9726683762, p: 6.1743976643042e-4 },
    },
  ],
  mrmcaov: { error: 0.024587520309243, df: 5.4867978528746, p: 0.055586832373977, fixed: { p: 8.5028850424296e-4 } },
  imrmc: [
    { design: { seed: 45, withNetwork: false }, first: 0, variance: 4.727014345423e-4, df: 5, p: 9.9982633958291e-3 },
    {
      design: {
        readers: 8,
        seed: 43,
        patients: 160,
        has: (r: number, _: number, image: number) => r % 2 === image % 2,
      },
      ...{ first: 0, variance: 2.0388344871619e-4, df: 7.6007475645546, p: 2.4565567963104e-2 },
    },
    {
      design: {
        readers: 8,
        seed: 43,
        patients: 160,
        has: (r: number, _: number, image: number) => r % 2 === image % 2,
      },
      ...{ first: 1, variance: 1.73240477113482e-3, df: 40.246867303587, p: 5.8803061943569e-4 },
    },
    {
      design: { readers: 8, seed: 44, has: (r: number, c: number) => r % 2 === c },
      ...{ first: 0, variance: 1.4909952181104e-3, df: 3.0387575303086, p: 0.14976953689768 },
    },
    { design: {}, first: 2, variance: 2.5457558056158e-3, df: 34.847256546172844, p: 1.1290515537276e-2 },
  ],
};

describe("what these programs compute from the files is what stands here", () => {
  const nine = (value: number | null | undefined) => Number(value?.toPrecision(9));
  const orOf = (csv: string, kind: "jackknife" | "delong") =>
    obuchowskiRockette({ ...completeOf(csv), direction: "higher", metric: "auc", covariance: { kind } });

  test.each(elsewhere.rjafroc)("RJafroc: design $design, modalities $pair", ({ design, pair, error, df, p }) => {
    const { files } = inOtherProgramsOf(design);
    const csv = textOf(files.get("mrmcaov/study.csv") ?? new Uint8Array());
    const { differences } = orOf(csv, "jackknife").randomReadersRandomCases;
    const found = differences.find(({ tests }) => tests.join() === pair.join());
    expect(nine(found?.standardError)).toBe(nine(error));
    expect(nine(found?.df)).toBe(nine(df));
    expect(nine(found?.p)).toBe(nine(p));
  });

  test("MRMCaov: random readers by the jackknife, fixed readers by DeLong's covariance, the latter as the comparison prints it", () => {
    const { study, files } = inOtherProgramsOf({});
    const csv = textOf(files.get("mrmcaov/study.csv") ?? new Uint8Array());
    const ofConditions = csv.replace(/^.*,network,.*\n/gm, "");
    const [random] = orOf(ofConditions, "jackknife").randomReadersRandomCases.differences;
    expect(nine(random?.standardError)).toBe(nine(elsewhere.mrmcaov.error));
    expect(nine(random?.df)).toBe(nine(elsewhere.mrmcaov.df));
    expect(nine(random?.p)).toBe(nine(elsewhere.mrmcaov.p));
    const average = averagesOf(study).find(({ measure, first }) => measure === "auc" && first !== null);
    expect(nine(average?.complete?.fixed.p)).toBe(nine(elsewhere.mrmcaov.fixed.p));
  });

  test.each(elsewhere.imrmc)("iMRMC: average $first of design $design", ({ design, first, variance, df, p }) => {
    const { study, files } = inOtherProgramsOf(design);
    expect(files.has("imrmc/study.imrmc")).toBe(true);
    const { unbiased } = averagesOf(study).filter(({ measure }) => measure === "auc")[first] ?? {};
    expect(nine(unbiased?.variance)).toBe(nine(variance));
    expect(nine(unbiased?.df)).toBe(nine(df));
    expect(nine(unbiased?.p)).toBe(nine(p));
  });
});

test("where no image was rated by all readers in all conditions there is no workbook, which RJafroc would refuse, and no word of one", () => {
  const { files } = inOtherProgramsOf({ has: (r: number, c: number) => r % 2 === c });
  expect([...files.keys()].filter((name) => /xlsx|imrmc|mrmcaov/.test(name))).toEqual([
    "imrmc/study.imrmc",
    "mrmcaov/study.csv",
  ]);
  expect(textOf(files.get("README.md") ?? new Uint8Array())).not.toContain("rjafroc");
});

test("codes of readers with blanks, commas or the name of the truth stay apart, each one word", () => {
  const study = studyOf({ readers: 4, seed: 46, patients: 30, primary: null });
  const codes = new Map(["Li, A", "Li A", "truth", "R9"].map((code, r) => [`R${r + 2}`, code]));
  const renamed = <T extends { reader: string }>(reads: readonly T[]) =>
    reads.map((read) => ({ ...read, reader: codes.get(read.reader) ?? read.reader }));
  const input = { ...study.input, reads: renamed(study.input.reads) };
  const loaded = { ...study, input, reads: renamed(study.reads), inputSha256: sha256(canonicalJson(input)) };
  const files = unpacked(makeBundle(loaded, { scripts }), { limit: 1e8 });
  const lines = textOf(files.get("imrmc/study.imrmc") ?? new Uint8Array()).split("BEGIN DATA:\n")[1];
  const readers = new Set(
    lines
      ?.trim()
      .split("\n")
      .flatMap((line) => (line.includes(",truth,") ? [] : [line.split(",")[0]])),
  );
  expect([...readers].sort()).toEqual(["Li_A", "Li_A_2", "R9", "truth_2"]);
  expect(
    lines
      ?.trim()
      .split("\n")
      .every((line) => line.split(",").length === 4),
  ).toBe(true);
});
