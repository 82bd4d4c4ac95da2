import { z } from "zod";
import { notEvaluableRule } from "../protocol/analysis";
import { shown } from "../protocol/conditions";
import type { readingCase } from "../protocol/reading";
import type { splitUnit } from "../protocol/regimen";
import type { Comparison, PairedComparison } from "../stats/comparison/compare-readers";
import type { PrimaryAnswer } from "../stats/comparison/primary-answer";
import type { Unit, UnitRule } from "../stats/comparison/units";
import type { Said } from "../words";
import { said } from "../words/said";

const byTruth = <T extends z.ZodType>(of: T) => z.object({ all: of, positive: of, negative: of });

const summary = z.object({
  n: z.int(),
  mean: z.number(),
  /** Null for a group of one. */
  sd: z.number().nullable(),
  median: z.number(),
  q1: z.number(),
  q3: z.number(),
});
export type Summary = z.infer<typeof summary>;

const baselineRow = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("number"),
    key: z.string(),
    label: z.string(),
    unit: z.string().nullable(),
    decimals: z.int(),
    missing: byTruth(z.int()),
    /** Null for a group without a value. */
    summary: byTruth(summary.nullable()),
    /** Of Welch's t test; null without a test. */
    pMeans: z.number().nullable(),
    /** Of Mann-Whitney's test. */
    pRanks: z.number().nullable(),
    smd: z.number().nullable(),
  }),
  z.object({
    kind: z.literal("choice"),
    key: z.string(),
    label: z.string(),
    levels: z.array(
      z.object({
        key: z.string(),
        label: z.string(),
        count: byTruth(z.int()),
        /** Of those with a value; null where nobody has one. */
        share: byTruth(z.number().nullable()),
      }),
    ),
    missing: byTruth(z.int()),
    test: z.enum(["chi-square", "fisher"]).nullable(),
    p: z.number().nullable(),
    smd: z.number().nullable(),
  }),
]);
export type BaselineRow = z.infer<typeof baselineRow>;

const baselineTable = z.object({
  n: byTruth(z.int()),
  /** Whether each unit is of another patient: only then is anything tested. */
  tested: z.boolean(),
  rows: z.array(baselineRow),
});
export type BaselineTable = z.infer<typeof baselineTable>;

/** What a report takes from the records, in its language: who came in, who they were, and what the protocol planned. */
export const reportRecords = z.object({
  study: z.object({
    name: z.string(),
    synthetic: z.boolean(),
    sites: z.int(),
    lockedAt: z.iso.datetime(),
    /** Why it was locked although something was missing. */
    lockReason: z.string().nullable(),
  }),
  protocol: z.object({
    title: z.string(),
    source: z.string().nullable(),
    lesion: z.string(),
    inclusion: z.array(z.string()),
    exclusion: z.array(z.string()),
    planes: z.array(z.string()),
    conditions: z.array(
      z.object({
        key: z.string(),
        label: z.string(),
        shows: z.array(shown),
        washOutDays: z.number(),
        repeats: z.string().nullable(),
      }),
    ),
    /** Cases of a list that are read twice without their reader being told; null: none are planned. */
    repeats: z.object({ cases: z.int(), apart: z.int() }).nullable(),
    criteria: z.array(z.string()),
    confidence: z.boolean(),
    /** The scale of the readers' ratings; null: none is asked for. */
    rating: z
      .object({
        min: z.number(),
        max: z.number(),
        low: z.string(),
        high: z.string(),
        /** From here on a rating is a positive call; null: the reader calls beside it. */
        positiveFrom: z.number().nullable(),
      })
      .nullable(),
    /** By which the form proposes a call. */
    ruleSet: z.string().nullable(),
    notEvaluable: z.object({
      /** How such a read counts in the main analysis; null: the protocol does not say. */
      rule: notEvaluableRule.nullable(),
      /** Whether the form lets a reader say so, and the reasons that it lists. */
      asked: z.boolean(),
      reasons: z.array(z.string()),
    }),
    /** What the plan leaves out of every number, in words. */
    exclusions: z.object({
      planes: z.array(z.string()),
      regions: z.array(z.string()),
      shortAxisBelowMm: z.number().nullable(),
    }),
    /** A line of the network's plan each: what, and how. */
    network: z.array(z.object({ label: z.string(), text: z.string() })),
  }),
  flow: z.object({
    screened: z.int(),
    undecided: z.int(),
    failures: z.int(),
    failureReasons: z.array(z.object({ text: z.string(), count: z.int() })),
    eligibleNotEnrolled: z.int(),
    enrolled: z.int(),
    withdrawn: z.object({ keep: z.int(), no_further_use: z.int(), destroy: z.int() }),
    inUse: z.int(),
    nodesLocated: z.int(),
    nodesExcluded: z.int(),
    nodes: z.int(),
    nodesNotFound: z.int(),
    /** The other studied nodes that are not analysed, each under its first reason: with those not found and the analysed ones they are all. */
    notAnalysed: z.object({ noImage: z.int(), noReference: z.int(), byPlan: z.int() }),
    crops: z.int(),
  }),
  /** AUC of what was made beside the compared run, where it was computed: `control` learned exchanged labels, `sizes` knows the size alone. */
  companions: z.array(
    z.object({
      kind: z.enum(["control", "sizes"]),
      run: z.string(),
      auc: z.object({
        estimate: z.number(),
        lower: z.number().nullable(),
        upper: z.number().nullable(),
        method: said,
        n: z.int(),
        caution: said.optional(),
      }),
    }),
  ),
  /** Of the reads that were made here. */
  reading: z.object({
    /** Lists of cases with reads, and those of which the reads that stand are signed. */
    lists: z.int(),
    signedLists: z.int(),
    /** Reads made before the wash-out of their list was over, by a signed deviation. */
    inWashOut: z.int(),
    /** Reads made after their reader had been told something of the patient. */
    afterUnblinding: z.object({ reads: z.int(), patients: z.int() }),
  }),
  /** Nodes of which readers were shown different sizes, in words. */
  sizes: z.array(z.string()),
  baseline: z.object({ patients: baselineTable, lesions: baselineTable }),
});
export type ReportRecords = z.infer<typeof reportRecords>;

/** The stored comparison, as far as a report tells it. */
interface ReportedResult extends Comparison {
  primary: PrimaryAnswer | null;
  about: {
    protocol: { key: string; version: string; sha256: string };
    plan: {
      unit: { level: Unit; rule: UnitRule } | null;
      families: PairedComparison["kind"][][] | null;
      ruleSet: string | null;
    };
    /** Images that the plan leaves out. */
    excluded: number;
    ruleSets: { key: string; title: string }[];
    withoutTruth: { images: number; reads: number };
    unit: z.infer<typeof readingCase>;
    conditions: { key: string; label: string; shows: z.infer<typeof shown>[] }[];
    images: number;
    nodes: number;
    patients: number;
    positiveImages: number;
    run: {
      id: string;
      trainable: "head" | "network" | "baseline" | "elsewhere";
      threshold: number;
      foldThresholds: { fold: number | null; threshold: number }[];
      folds: number;
      seed: number;
      splitUnit: z.infer<typeof splitUnit>;
      leakage: {
        heldOut: number;
        sameSubject: number;
        sameNode: number;
        duplicate: number;
        nearDuplicate: number;
      } | null;
      cautions: Said[];
    } | null;
    readsFrom: Record<string, ("reader" | "imported" | "simulated")[]>;
  };
}

/** Everything that a report is made of. */
export interface ReportInput {
  records: ReportRecords;
  result: ReportedResult;
  /** Of the result: the hash of what went into it, the version of the methods, and when it was computed (ISO). */
  computed: { inputSha256: string; methods: string; at: string };
}
