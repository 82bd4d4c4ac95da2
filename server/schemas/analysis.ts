import { z } from "zod";
import { notEvaluableRule } from "@/core/protocol/analysis";
import { shown } from "@/core/protocol/conditions";
import { readingCase } from "@/core/protocol/reading";
import { splitUnit } from "@/core/protocol/regimen";
import { said } from "@/core/words/said";
import { jobState } from "./job";
import { leakage } from "./leakage";

/** A number with its interval, or why there is none (`core/stats/types.ts`). */
export const estimate = z.union([
  z.object({
    estimate: z.number(),
    lower: z.number().nullable(),
    upper: z.number().nullable(),
    method: said,
    n: z.int(),
    caution: said.optional(),
  }),
  z.object({
    estimate: z.null(),
    lower: z.null(),
    upper: z.null(),
    reason: said,
    infinite: z.literal(true).optional(),
    method: said,
    n: z.int(),
  }),
]);

const party = { reader: z.string(), condition: z.string().nullable() };

export const countedUnit = z.enum(["image", "node", "patient"]);
export type CountedUnit = z.infer<typeof countedUnit>;
const unitRule = z.enum(["any", "majority", "mean"]);

const measure = z.enum(["sensitivity", "specificity", "auc"]);

const row = z.object({
  ...party,
  unit: countedUnit,
  n: z.int(),
  tp: z.int(),
  fn: z.int(),
  tn: z.int(),
  fp: z.int(),
  sensitivity: estimate,
  specificity: estimate,
  ppv: estimate,
  npv: estimate,
  accuracy: estimate,
  auc: estimate,
  singlePointAuc: estimate,
  designEffect: z.object({
    sensitivity: z.number().nullable(),
    specificity: z.number().nullable(),
    accuracy: z.number().nullable(),
    auc: z.number().nullable(),
    singlePointAuc: z.number().nullable(),
  }),
});

const averageTest = { difference: estimate, df: z.number().nullable(), p: z.number().nullable() };
const matched = { sensitivity: estimate, specificity: estimate };

const primary = z
  .object({
    first: z.string().nullable(),
    second: z.string(),
    measure,
    readers: z.enum(["fixed", "random"]),
    margin: z.number().nullable(),
    averagedOver: z.array(z.string()),
    n: z.int(),
    reads: z.int(),
    possible: z.int(),
    difference: estimate,
    df: z.number().nullable(),
    p: z.number().nullable(),
    verdict: z.enum(["better", "worse", "not_worse", "not_shown"]).nullable(),
  })
  .nullable();

const averages = z.array(
  z.object({
    kind: z.enum(["condition", "network"]),
    first: z.string().nullable(),
    second: z.string(),
    readers: z.array(z.string()),
    measure,
    n: z.int(),
    reads: z.int(),
    possible: z.int(),
    /** Of the first and the second of the two; their difference is tested. */
    averages: z.tuple([z.number().nullable(), z.number().nullable()]),
    fixed: z.object({ ...averageTest, pHolm: z.number().nullable() }),
    random: z.object(averageTest).nullable(),
    unbiased: z.object({ variance: z.number().nullable(), df: z.number().nullable(), p: z.number().nullable() }),
    leftOut: z.array(z.string()),
    complete: z.object({ n: z.int(), fixed: z.object(averageTest) }).nullable(),
  }),
);

/** What is counted once for each unit. */
const counted = {
  /** The contrast that the protocol planned; null when it planned none. */
  primary,
  rows: z.array(row),
  /** What every party said of all units, by truth: positive, negative, not evaluable and missing add up to `units`. */
  flow: z.array(
    z.object({
      ...party,
      truth: z.union([z.literal(0), z.literal(1)]),
      units: z.int(),
      positive: z.int(),
      negative: z.int(),
      notEvaluable: z.int(),
      missing: z.int(),
    }),
  ),
  reads: z.array(
    z.object({
      reader: z.string(),
      condition: z.string(),
      truth: z.union([z.literal(0), z.literal(1)]),
      images: z.int(),
      read: z.int(),
      /** Among the reads, those that were not evaluable; and of units with several images, those that could be judged in part. */
      notEvaluable: z.int(),
      partly: z.int(),
      rated: z.int(),
    }),
  ),
  /** Sensitivity and specificity under each rule for reads that were not evaluable; empty where there was none. */
  notEvaluable: z.array(
    z.object({
      reader: z.string(),
      condition: z.string(),
      rule: notEvaluableRule,
      planned: z.boolean(),
      positive: z.int(),
      negative: z.int(),
      n: z.int(),
      sensitivity: estimate,
      specificity: estimate,
    }),
  ),
  roc: z.array(
    z.object({
      ...party,
      point: z.object({ fpr: estimate, tpr: estimate }),
      curve: z.array(z.object({ threshold: z.number().nullable(), fpr: z.number(), tpr: z.number() })),
      band: z
        .object({
          points: z.array(z.object({ fpr: z.number(), lower: z.number(), upper: z.number() })),
          replicates: z.int(),
          caution: said.optional(),
        })
        .nullable(),
    }),
  ),
  agreement: z.array(
    z.object({
      /** Of two readers; of one with herself in a condition that repeats another, or in hidden repeats. */
      kind: z.enum(["readers", "conditions", "repeats"]),
      readers: z.tuple([z.string(), z.string()]),
      condition: z.string(),
      n: z.int(),
      table: z.array(z.array(z.int())),
      kappa: estimate,
      observed: z.number().nullable(),
      ac1: estimate,
      prevalenceIndex: z.number().nullable(),
      biasIndex: z.number().nullable(),
      weightedLinear: estimate,
      weightedQuadratic: estimate,
    }),
  ),
  jointAgreement: z.array(
    z.object({
      condition: z.string(),
      readers: z.array(z.string()),
      n: z.int(),
      observed: z.number().nullable(),
      kappa: estimate,
    }),
  ),
  comparisons: z.array(
    z.object({
      kind: z.enum(["condition", "reader", "network"]),
      first: z.object(party),
      second: z.object(party),
      condition: z.string().nullable(),
      measure,
      n: z.int(),
      difference: estimate,
      method: said,
      p: z.number().nullable(),
      pHolm: z.number().nullable(),
    }),
  ),
  averages,
  network: z
    .object({
      n: z.int(),
      prevalence: z.number(),
      averagePrecision: estimate,
      brier: estimate,
      calibrationInTheLarge: estimate,
      calibrationSlope: estimate,
      ici: z.number(),
      calibrationCurve: z.array(z.object({ probability: z.number(), observed: z.number() })),
      netBenefit: z.array(
        z.object({ threshold: z.number(), model: z.number(), treatAll: z.number(), treatNone: z.literal(0) }),
      ),
      benefitRanges: z.array(z.object({ from: z.number(), to: z.number() })),
      matched: z.array(
        z.object({
          reader: z.string(),
          condition: z.string(),
          keep: z.enum(["sensitivity", "specificity"]),
          ...matched,
          network: z
            .object({
              threshold: z.number(),
              kept: z.number(),
              compared: estimate,
              difference: estimate,
              p: z.number().nullable(),
            })
            .nullable(),
          n: z.int(),
        }),
      ),
    })
    .nullable(),
  otherClusterings: z.array(
    z.object({ level: z.enum(["patient", "node", "image"]), clusters: z.int(), rows: z.array(row) }),
  ),
  /** The same pairs by figures that no plan names; not adjusted. */
  secondary: z.array(
    z.object({
      kind: z.enum(["condition", "reader", "network"]),
      first: z.object(party),
      second: z.object(party),
      condition: z.string().nullable(),
      measure: z.enum(["accuracy", "singlePointAuc", "ppv", "npv"]),
      scale: z.enum(["difference", "ratio"]),
      n: z.int(),
      value: estimate,
      p: z.number().nullable(),
    }),
  ),
  /** The averages in every subgroup, with the test of interaction. Exploratory. */
  subgroups: z.array(
    z.object({
      factor: z.string(),
      kind: z.enum(["condition", "network"]),
      first: z.string().nullable(),
      second: z.string(),
      measure,
      levels: z.array(
        z.object({
          level: z.string(),
          n: z.int(),
          positive: z.int(),
          patients: z.int(),
          difference: estimate,
          p: z.number().nullable(),
        }),
      ),
      interaction: z.object({ statistic: z.number(), df: z.tuple([z.number(), z.number()]), p: z.number() }).nullable(),
    }),
  ),
  /** What figures show and no table holds (`core/stats/comparison/figures.ts`). */
  figures: z.object({
    reclassified: z.array(
      z.object({
        reader: z.string(),
        first: z.string(),
        second: z.string(),
        truth: z.union([z.literal(0), z.literal(1)]),
        n: z.int(),
        kept: z.int(),
        gained: z.int(),
        lost: z.int(),
        missed: z.int(),
      }),
    ),
    courses: z.array(
      z.object({
        reader: z.string(),
        condition: z.string(),
        reads: z.int(),
        seconds: z.object({ n: z.int(), lower: z.number(), median: z.number(), upper: z.number() }).nullable(),
        parts: z.array(z.object({ reads: z.int(), called: z.int(), right: z.int(), median: z.number().nullable() })),
      }),
    ),
    network: z
      .object({
        histogram: z.array(z.object({ from: z.number(), to: z.number(), positive: z.int(), negative: z.int() })),
        precisionRecall: z.array(z.object({ threshold: z.number(), precision: z.number(), recall: z.number() })),
        calibrationBand: z
          .object({
            points: z.array(
              z.object({ probability: z.number(), observed: z.number(), lower: z.number(), upper: z.number() }),
            ),
            replicates: z.int(),
          })
          .nullable(),
      })
      .nullable(),
  }),
};

/** Every number of the comparison page (`core/stats/comparison`); fractions 0-1. What the protocol plans stands first, the rest is post hoc. */
export const comparison = z.object({
  ...counted,
  /** The same counted by other units than planned. */
  units: z.array(z.object({ unit: countedUnit, rule: unitRule, ...counted })),
  /** What rests on the readers' calls, for calls that were judged otherwise: by a rule set, or (null) as they were given. */
  readings: z.array(
    z.object({
      calls: z.string().nullable(),
      /** Reads whose call is another one than in the planned analysis. */
      changed: z.int(),
      rows: z.array(row.omit({ auc: true })),
      averages,
      primary,
    }),
  ),
  about: z.object({
    protocol: z.object({ key: z.string(), version: z.string(), sha256: z.string() }),
    /** What the protocol says of the analysis beside its primary contrast; null where it says nothing. */
    plan: z.object({
      unit: z.object({ level: countedUnit, rule: unitRule }).nullable(),
      families: z.array(z.array(z.enum(["condition", "reader", "network"]))).nullable(),
      ruleSet: z.string().nullable(),
      exclusions: z
        .object({
          planes: z.array(z.string()).optional(),
          regions: z.array(z.string()).optional(),
          shortAxisBelowMm: z.number().optional(),
        })
        .nullable(),
    }),
    /** Images that the plan leaves out. */
    excluded: z.int(),
    ruleSets: z.array(z.object({ key: z.string(), title: z.string() })),
    /** What divides the images into subgroups; a label is null where the protocol has no name for it. */
    factors: z.array(
      z.object({
        key: z.string(),
        label: z.string().nullable(),
        levels: z.array(z.object({ key: z.string(), label: z.string() })),
      }),
    ),
    unit: readingCase,
    conditions: z.array(z.object({ key: z.string(), label: z.string(), shows: z.array(shown) })),
    images: z.int(),
    nodes: z.int(),
    patients: z.int(),
    positiveImages: z.int(),
    /** Images of nodes that are studied, without a reference standard, and the reads of them: they count nowhere. */
    withoutTruth: z.object({ images: z.int(), reads: z.int() }),
    run: z
      .object({
        id: z.string(),
        /** As text where the comparison was stored. */
        endedAt: z.coerce.date().nullable(),
        trainable: z.enum(["head", "network", "baseline", "elsewhere"]),
        threshold: z.number(),
        /** Of each fold's model, where they were chosen on tuning parts; empty: `threshold` counts everywhere. */
        foldThresholds: z.array(z.object({ fold: z.int().nullable(), threshold: z.number() })),
        /** 0: scores of a model trained elsewhere, which were not split. */
        folds: z.int(),
        seed: z.int(),
        splitUnit,
        leakage: leakage.nullable(),
        /** What the network's figures must not be read without; empty for a run without leaks that was trained here. */
        cautions: z.array(said),
      })
      .nullable(),
    readsFrom: z.record(z.string(), z.array(z.enum(["reader", "imported", "simulated"]))),
  }),
});
export type ComparisonOutput = z.infer<typeof comparison>;

/** A node of which readers were shown different sizes (`core/reading/sizes-shown.ts`). */
export const sizesShown = z.object({
  subject: z.string(),
  node: z.string(),
  condition: z.object({ key: z.string(), label: z.string() }),
  cases: z.int(),
  shown: z.array(z.object({ reader: z.string(), shortAxisMm: z.number().nullable() })),
});

/** A comparison as the worker stored it. */
export const storedComparison = z.object({
  comparison,
  /** SHA-256 of the canonical JSON of everything that went in. */
  inputSha256: z.string(),
  /** Version of the methods that computed it. */
  methods: z.string(),
  computedAt: z.date(),
});
export type StoredComparison = z.infer<typeof storedComparison>;

/** How far a computation is; its id is the analysis's. */
export const analysisJob = z.object({
  id: z.uuid(),
  state: jobState,
  done: z.int(),
  total: z.int(),
  error: said.nullable(),
});
export type AnalysisJob = z.infer<typeof analysisJob>;
