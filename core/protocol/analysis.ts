import { z } from "zod";
import { notEvaluableRules } from "@/core/stats/comparison/opinions";
import type { PlannedContrast } from "@/core/stats/comparison/primary-answer";
import { key } from "./text";

/** Which families of tests the comparison computes and adjusts together: a reader's two conditions, two readers, the network and a reader. */
const comparisonKind = z.enum(["condition", "reader", "network"]);

/** The party of a primary contrast that is no condition. */
export const networkParty = "network";

/**
 * What the study was made to find out: an average over the readers in one condition against that in another, or the network against the
 * readers in a condition. The first is the new one: its difference is first less second.
 */
const primaryContrast = z.strictObject({
  /** A condition, or `network`. */
  first: key,
  second: key,
  measure: z.enum(["auc", "sensitivity", "specificity"]),
  /** Whom the answer speaks of: these very readers, or readers like these (five or more). */
  readers: z.enum(["fixed", "random"]),
  /** The first is not worse when the 95 % interval of the difference lies above minus this; a fraction. */
  margin: z.number().gt(0).lt(1).optional(),
});
export type PrimaryContrast = z.infer<typeof primaryContrast>;

/** The contrast as it is computed and shown: `first` null is the network; without a margin a difference is tested. */
export const plannedContrast = (primary: PrimaryContrast | undefined): PlannedContrast | null =>
  primary
    ? { ...primary, first: primary.first === networkParty ? null : primary.first, margin: primary.margin ?? null }
    : null;

/** How a read that was not evaluable counts: not at all, as a call, or as the call that is wrong for the unit (intention to diagnose, the worst case). */
export const notEvaluableRule = z.enum(notEvaluableRules);

/** What is counted: images, nodes with their images, patients with their nodes; and how several images make one opinion (`core/stats/comparison/units.ts`). */
const countedUnit = z.strictObject({
  level: z.enum(["image", "node", "patient"]),
  rule: z.enum(["any", "majority", "mean"]).default("any"),
});

/** What is left out of every number, whatever it says. */
const exclusions = z.strictObject({
  planes: z.array(key).min(1).optional(),
  regions: z.array(key).min(1).optional(),
  /** Nodes with a smaller short axis; those that were not measured stay. */
  shortAxisBelowMm: z.number().gt(0).lt(100).optional(),
});
export type Exclusions = z.infer<typeof exclusions>;

/** The plan of the analysis, fixed with the protocol and hashed with it. What it does not name is post hoc. */
export const analysisPlan = z.strictObject({
  comparisons: z.array(comparisonKind),
  /** Kinds whose P values Holm's adjustment takes together; left out: all of them. */
  families: z.array(z.array(comparisonKind).min(1)).min(1).optional(),
  /** Left out: images. */
  unit: countedUnit.optional(),
  /** The rule set by which the criteria of each read make its call anew; left out: the calls as they were given. */
  ruleSet: key.optional(),
  exclusions: exclusions.optional(),
  /** Without one every result is exploratory, and the analysis says so. */
  primary: primaryContrast.optional(),
  /** In the main analysis; left out: `exclude`. The other rules stand beside it. */
  notEvaluable: notEvaluableRule.optional(),
});
