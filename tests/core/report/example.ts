import { seededRandom } from "@/core/random";
import { baselineTable } from "@/core/report/baseline";
import type { ReportInput } from "@/core/report/records";
import { compareReaders, type PairedComparison } from "@/core/stats/comparison/compare-readers";
import type { NotEvaluableRule } from "@/core/stats/comparison/opinions";
import { type PlannedContrast, primaryAnswer } from "@/core/stats/comparison/primary-answer";
import type { Unit } from "@/core/stats/comparison/units";

interface Example {
  synthetic?: boolean;
  sites?: number;
  /** By the rule "any" where it is no image. */
  unit?: Unit;
  /** How every tenth read counts, which is then not evaluable. */
  leftOpen?: NotEvaluableRule;
  /** Whether readers rate from 1 to 5 in place of a confidence. */
  rated?: boolean;
  families?: PairedComparison["kind"][][];
  /** The title of the rules that the plan names. */
  rules?: string;
  primary?: Partial<PlannedContrast>;
  readers?: readonly string[];
}

/** A study of 40 made-up patients with one node in two planes, two readers in two conditions, one missing read, and a network. */
export function exampleInput({
  synthetic = true,
  sites = 1,
  unit = "image",
  leftOpen,
  rated = false,
  families,
  rules,
  primary,
  readers = ["R2", "R10"],
}: Example = {}): ReportInput {
  const random = seededRandom(7);
  const patients = Array.from({ length: 40 }, (_, at) => ({
    id: `P${at}`,
    truth: at % 3 === 0 ? (1 as const) : (0 as const),
  }));
  const images = patients.flatMap(({ id, truth }) =>
    ["axial", "coronal"].map((plane) => ({ id: `${id}-${plane}`, node: `${id}-N1`, subject: id, plane, truth })),
  );
  const reads = readers.flatMap((reader) =>
    ["first", "second"].flatMap((condition) =>
      images.map(({ id, truth }, at) => {
        const confidence = Math.round(60 + 40 * random());
        const call = random() < 0.8 ? truth : ((1 - truth) as 0 | 1);
        const about = { reader, condition, occasion: 1, image: id };
        // Both images of a node, so that it is not evaluable either.
        if (leftOpen && Math.floor(at / 2) % 10 === 0) return { ...about, call: null, confidence: null };
        if (!rated) return { ...about, call, confidence };
        return { ...about, call, confidence: null, rating: call === 1 ? 3 + Math.floor(confidence / 50) : 2 };
      }),
    ),
  );
  reads.pop();
  const comparison = compareReaders({
    images,
    reads,
    scores: images.map(({ id, truth }) => ({ image: id, score: 0.3 * truth + 0.7 * random() })),
    threshold: 0.5,
    comparisons: ["condition", "reader", "network"],
    conditions: ["first", "second"],
    repeats: new Map(),
    random,
    unit,
    ...(leftOpen && { notEvaluable: leftOpen }),
    ...(families && { families }),
  });
  const condition = (key: string, label: string) => ({
    key,
    label,
    shows: [],
    washOutDays: key === "first" ? 0 : 28,
    repeats: null,
  });
  const units = patients.map(({ truth }, at) => ({
    truth,
    values: { age: 50 + ((at * 7) % 23), sex: at % 2 ? "f" : "m" },
  }));
  const baseline = baselineTable({
    items: [
      { kind: "number", key: "age", label: "Age", unit: "years", decimals: 0 },
      {
        kind: "choice",
        key: "sex",
        label: "Sex",
        options: [
          { key: "m", label: "Male" },
          { key: "f", label: "Female" },
        ],
      },
    ],
    units,
    tested: true,
  });
  return {
    records: {
      study: { name: "Example", synthetic, sites, lockedAt: "2026-01-05T10:00:00.000Z", lockReason: null },
      protocol: {
        title: "Nodes",
        source: null,
        lesion: "lymph node",
        inclusion: ["Rectal cancer"],
        exclusion: ["Radiotherapy"],
        planes: ["Axial", "Coronal"],
        conditions: [condition("first", "First round"), condition("second", "Second round")],
        repeats: null,
        criteria: ["Round shape"],
        confidence: !rated,
        rating: rated ? { min: 1, max: 5, low: "surely benign", high: "surely malignant", positiveFrom: null } : null,
        ruleSet: rules ? "Over 9 mm every node is suspicious" : null,
        notEvaluable: { rule: leftOpen ?? null, asked: leftOpen !== undefined, reasons: leftOpen ? ["Movement"] : [] },
        exclusions: { planes: [], regions: [], shortAxisBelowMm: 3 },
        network: [{ label: "Folds", text: "Five." }],
      },
      flow: {
        screened: 47,
        undecided: 1,
        failures: 5,
        failureReasons: [{ text: "Radiotherapy", count: 5 }],
        eligibleNotEnrolled: 1,
        enrolled: 40,
        withdrawn: { keep: 0, no_further_use: 0, destroy: 0 },
        inUse: 40,
        nodesLocated: 43,
        nodesExcluded: 2,
        nodes: 41,
        nodesNotFound: 1,
        notAnalysed: { noImage: 0, noReference: 0, byPlan: 0 },
        crops: 80,
      },
      companions: [
        {
          kind: "control",
          run: "c",
          auc: { estimate: 0.512, lower: 0.371, upper: 0.652, method: { key: "stats.method.planned" }, n: 80 },
        },
      ],
      reading: { lists: 4, signedLists: 3, inWashOut: 7, afterUnblinding: { reads: 6, patients: 2 } },
      sizes: [],
      baseline: { patients: baseline, lesions: baseline },
    },
    result: {
      primary: primaryAnswer(comparison.averages, {
        first: null,
        second: "second",
        measure: "auc",
        readers: "fixed",
        margin: 0.05,
        ...primary,
      }),
      ...comparison,
      about: {
        protocol: { key: "example", version: "1.0", sha256: "a".repeat(64) },
        plan: {
          unit: unit === "image" ? null : { level: unit, rule: "any" },
          families: families ?? null,
          ruleSet: rules ? "as-printed" : null,
        },
        excluded: 0,
        ruleSets: rules ? [{ key: "as-printed", title: rules }] : [],
        withoutTruth: { images: 0, reads: 0 },
        unit: "image",
        conditions: [
          { key: "first", label: "First round", shows: [] },
          { key: "second", label: "Second round", shows: [] },
        ],
        images: images.length,
        nodes: patients.length,
        patients: patients.length,
        positiveImages: images.filter(({ truth }) => truth === 1).length,
        run: {
          id: "00000000-0000-4000-8000-000000000000",
          trainable: "head",
          threshold: 0.5,
          foldThresholds: [],
          folds: 5,
          seed: 1,
          splitUnit: "patient",
          leakage: { heldOut: 80, sameSubject: 0, sameNode: 0, duplicate: 0, nearDuplicate: 0 },
          cautions: [],
        },
        readsFrom: { R10: ["simulated"], R2: ["simulated"] },
      },
    },
    computed: { inputSha256: "b".repeat(64), methods: "3", at: "2026-01-06T10:00:00.000Z" },
  };
}
