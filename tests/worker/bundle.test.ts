import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { PrimaryContrast } from "@/core/protocol/analysis";
import { readProtocol } from "@/core/protocol/read-protocol";
import { seededRandom } from "@/core/random";
import type { NotEvaluableRule } from "@/core/stats/comparison/opinions";
import { textOf, unpacked } from "@/server/archive";
import { compareStudy } from "@/server/services/analysis/compare-study";
import type { ComparisonInput } from "@/server/services/analysis/load-comparison";
import { columnsOf } from "@/server/services/bundle/columns";
import type { LoadedBundle } from "@/server/services/bundle/load-bundle";
import { makeBundle } from "@/server/services/bundle/make-bundle";
import { reproduceBundle } from "@/server/services/bundle/reproduce-bundle";
import { canonicalJson } from "@/server/services/study/canonical-json";
import { parseProtocol } from "@/server/services/study/parse-protocol";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { sha256 } from "@/server/sha256";

const run = promisify(execFile);
const protocol = parseProtocol((await shippedProtocol("demonstration")).source).document;
const scripts = {
  "reproduce.R": await readFile("worker/jobs/reproduce/reproduce.R", "utf8"),
  "reproduce.py": await readFile("worker/jobs/reproduce/reproduce.py", "utf8"),
};

const sign = (call: "positive" | "negative" | null) => call && (call === "positive" ? 1 : 0);

interface Design {
  readers: number;
  seed: number;
  primary: PrimaryContrast | null;
  /** Whether this reader read this image in this condition, and how surely. */
  has?: (reader: number, condition: number, image: number) => boolean;
  isRated?: (reader: number, image: number) => boolean;
  /** Whether the reader rates on a scale from 1 to 5, too. */
  onScale?: (reader: number) => boolean;
  isEvaluable?: (reader: number, image: number) => boolean;
  notEvaluable?: NotEvaluableRule;
  source?: "reader" | "imported";
  withNetwork?: boolean;
  patients?: number;
}

/** A made-up study of patients with one to three nodes in one or two planes, as the worker would load it. */
function studyOf({ readers, seed, primary, patients = 50, withNetwork = true, ...of }: Design): LoadedBundle {
  const random = seededRandom(seed);
  const { has = () => true, isRated = () => true, onScale = () => false, isEvaluable = () => true } = of;
  const { notEvaluable = "exclude", source = "imported" } = of;
  const document = readProtocol({
    ...protocol,
    analysis: { ...protocol.analysis, primary: primary ?? undefined },
  });
  const crops = Array.from({ length: patients }, (_, p) => {
    const isSick = random() < 0.5;
    return Array.from({ length: 1 + Math.floor(random() * 3) }, (_, n) => {
      const truth = isSick && random() < 0.7 ? (1 as const) : (0 as const);
      return protocol.planes.slice(0, 1 + Math.floor(random() * 2)).map(({ key: plane }) => ({
        cropId: `crop ${p} ${n} ${plane}`,
        nodeId: `node ${p} ${n}`,
        subjectId: `subject ${p}`,
        subject: `=S-${p}, "x"`,
        plane,
        truth,
        shortAxisMm: random() < 0.1 ? null : 3 + Math.round(70 * random()) / 10,
      }));
    }).flat();
  }).flat();
  const conditions = document.conditions.map(({ key }) => key);
  const skill = Array.from({ length: readers }, () => 0.4 + random());
  const reads = crops.flatMap(({ cropId, truth }, image) =>
    skill.flatMap((better, r) =>
      conditions.flatMap((condition, c) => {
        const belief = (truth - 0.5) * (better + 0.3 * c) + random() + random() - 1;
        if (!has(r, c, image)) return [];
        const seen = isEvaluable(r, image);
        return [
          {
            reader: `R${r + 2}`,
            condition,
            occasion: 1,
            cropId,
            call: seen ? (belief > 0 ? ("positive" as const) : ("negative" as const)) : null,
            confidence: seen && isRated(r, image) ? Math.min(100, Math.round(60 * Math.abs(belief))) : null,
            rating:
              seen && isRated(r, image) && onScale(r) ? Math.min(5, Math.max(1, Math.round(3 + 3 * belief))) : null,
            activeMs: 1500 + image,
            source,
            // The last one first.
            sequence: source === "imported" ? null : 1_000_000 - (image * readers + r) * conditions.length - c,
            criteria: { [document.form.criteria[0]?.key ?? ""]: belief > 0 },
          },
        ];
      }),
    ),
  );
  const scores = withNetwork
    ? crops.map(({ cropId, truth }) => ({ image: cropId, score: 0.25 * truth + 0.75 * random(), threshold: 0.5 }))
    : null;
  const { first = "", ...rest } = primary ?? {};
  const input: ComparisonInput = {
    images: crops.map(({ cropId, nodeId, subjectId, plane, truth }) => ({
      id: cropId,
      node: nodeId,
      subject: subjectId,
      plane,
      truth,
    })),
    reads: reads.map(({ reader, condition, occasion, cropId, call, confidence, rating }) => ({
      reader,
      condition,
      occasion,
      image: cropId,
      call: sign(call),
      confidence,
      rating,
    })),
    timed: [...reads]
      .filter(({ sequence }) => sequence !== null)
      .sort((a, b) => Number(a.sequence) - Number(b.sequence))
      .map(({ reader, condition, cropId, call, activeMs }) => ({
        reader,
        condition,
        truth: crops.find((crop) => crop.cropId === cropId)?.truth ?? 0,
        call: sign(call),
        seconds: activeMs / 1000,
      })),
    scores,
    threshold: 0.5,
    comparisons: ["condition", "network"],
    primary: primary && {
      ...rest,
      margin: primary.margin ?? null,
      ...{ second: primary.second, measure: primary.measure, readers: primary.readers },
      first: first === "network" ? null : first,
    },
    repeats: [],
    notEvaluable,
    seed: 7,
    about: {
      protocol: { key: document.key, version: document.version, sha256: "0".repeat(64) },
      unit: "image",
      conditions: document.conditions.map(({ key, shows }) => ({ key, label: key, shows })),
      images: crops.length,
      nodes: new Set(crops.map(({ nodeId }) => nodeId)).size,
      patients,
      positiveImages: crops.filter(({ truth }) => truth === 1).length,
      withoutTruth: { images: 0, reads: 0 },
      run: null,
      readsFrom: {},
    },
  };
  return {
    study: { name: "Made up", slug: "made-up", synthetic: true },
    methods: "0",
    result: JSON.parse(JSON.stringify(compareStudy(input))),
    inputSha256: sha256(canonicalJson(input)),
    protocolSha256: "0".repeat(64),
    document,
    protocol,
    input,
    crops,
    nodes: [...new Set(crops.map(({ nodeId }) => nodeId))].map((id) => ({
      id,
      ordinal: Number(id.split(" ")[2]) + 1,
      region: null,
    })),
    reads,
    folds: crops.map(({ cropId }, i) => ({ cropId, fold: i % 5 })),
    baseline: [],
    trail: { lastEvent: 1, at: "2026-01-01T00:00:00.000Z" },
  };
}

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
  "readers who rate on a scale beside two who do not, some cases not evaluable and counted as wrong": {
    readers: 6,
    seed: 10,
    primary: contrast({ readers: "random" }),
    isRated: (r, image) => (r + image) % 40 !== 0,
    onScale: (r) => r > 1,
    isEvaluable: (r, image) => (3 * r + image) % 17 !== 0,
    notEvaluable: "incorrect",
    source: "reader",
  },
  "by sensitivity, cases that are not evaluable counted as positive": {
    readers: 5,
    seed: 11,
    primary: contrast({ readers: "random", measure: "sensitivity" }),
    isEvaluable: (r, image) => (3 * r + image) % 17 !== 0,
    notEvaluable: "positive",
  },
  "by specificity, cases that are not evaluable left out": {
    readers: 5,
    seed: 12,
    primary: contrast({ measure: "specificity" }),
    isEvaluable: (r, image) => (3 * r + image) % 17 !== 0,
  },
  "no read at all": { readers: 0, seed: 8, primary: contrast({}) },
};

test.each(Object.entries(designs))("%s: the program, R and Python find the same numbers", async (_, design) => {
  const study = studyOf(design);
  const archive = await makeBundle(study, { scripts });
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

test("of the baseline numbers and choices have a column; days and free texts, which tell who somebody is, have none", () => {
  const about = { label: "Something", required: false, visit: "v" };
  const { patients } = columnsOf({
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
  });
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

test("iMRMC, RJafroc and MRMCaov find each rating of a reader once, the network as a modality of every reader, and the truth of every image", async () => {
  const study = studyOf({
    readers: 2,
    seed: 9,
    primary: null,
    patients: 12,
    isRated: (r, image) => r === 0 || image !== 0,
  });
  const files = unpacked(await makeBundle(study, { scripts }), { limit: 1e8 });
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
