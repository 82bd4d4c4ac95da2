import { z } from "zod";
import { notEvaluableRules } from "@/core/stats/comparison/opinions";
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

/** How a read that was not evaluable counts: not at all, as a call, or as a wrong call (intention to diagnose, the worst case). */
export const notEvaluableRule = z.enum(notEvaluableRules);

/** The plan of the analysis, fixed with the protocol and hashed with it. */
export const analysisPlan = z.strictObject({
  comparisons: z.array(comparisonKind),
  /** Without one every result is exploratory, and the analysis says so. */
  primary: primaryContrast.optional(),
  /** In the main analysis; left out: `exclude`. The other rules stand beside it. */
  notEvaluable: notEvaluableRule.optional(),
});
