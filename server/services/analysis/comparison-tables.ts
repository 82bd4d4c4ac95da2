import { splitLeaks } from "@/core/protocol/regimen";
import { type SizesShown, withSizes } from "@/core/reading/sizes-shown";
import { sayIn } from "@/core/words";
import { inEnglish } from "@/core/words/said";
import type { StoredComparison } from "@/server/schemas/analysis";
import { toCsv } from "@/server/tables/to-csv";

/** The columns of an estimate, whether there is one or not. */
const estimate = (name: string) =>
  ["estimate", "lower", "upper", "method", "n", "reason", "infinite", "caution"].map((part) => `${name}_${part}`);

/** Those of a row of accuracy. */
const accuracy = [
  ...["reader", "condition", "unit", "n", "tp", "fn", "tn", "fp"],
  ...["sensitivity", "specificity", "ppv", "npv", "accuracy", "auc", "singlePointAuc"].flatMap(estimate),
  ...["sensitivity", "specificity", "accuracy", "auc", "singlePointAuc"].map((measure) => `designEffect_${measure}`),
];
const parties = ["first_reader", "first_condition", "second_reader", "second_condition", "condition", "measure"];

/** The columns of each table, whatever a study has: a program that reads one reads all. */
const columns = {
  "comparison.csv": [...accuracy, ...["sizesDiffer", "synthetic", "leaks", "inputSha256", "methods"]],
  "agreement.csv": [
    ...["readers_0", "readers_1", "condition", "n", "table_0_0", "table_0_1", "table_1_0", "table_1_1"],
    ...estimate("kappa"),
    "observed",
    ...estimate("ac1"),
    ...["prevalenceIndex", "biasIndex"],
    ...["weightedLinear", "weightedQuadratic"].flatMap(estimate),
  ],
  "joint-agreement.csv": ["readers", "condition", "n", "observed", ...estimate("kappa")],
  "comparisons.csv": [...["kind", ...parties, "n"], ...estimate("difference"), ...["method", "p", "pHolm"]],
  "secondary.csv": ["kind", ...parties, "scale", "n", ...estimate("value"), "p"],
  "averages.csv": [
    ...["kind", "first", "second", "readers", "leftOut", "measure", "n", "reads", "possible"],
    ...estimate("fixed_difference"),
    ...["fixed_df", "fixed_p", "fixed_pHolm"],
    ...estimate("random_difference"),
    ...["random_df", "random_p", "unbiased_variance", "unbiased_df", "unbiased_p", "complete_n"],
    ...estimate("complete_fixed_difference"),
    ...["complete_fixed_df", "complete_fixed_p"],
  ],
  "reads.csv": ["reader", "condition", "truth", "images", "read", "notEvaluable", "partly", "rated"],
  "not-evaluable.csv": [
    ...["reader", "condition", "rule", "planned", "positive", "negative", "n"],
    ...["sensitivity", "specificity"].flatMap(estimate),
  ],
  "operating-points.csv": [
    ...["reader", "condition", "keep", "n"],
    ...["sensitivity", "specificity"].flatMap(estimate),
    ...["network_threshold", "network_kept"],
    ...["network_compared", "network_difference"].flatMap(estimate),
    ...["network_p", "caution"],
  ],
  "units.csv": [...accuracy, "rule"],
  "subgroups.csv": [
    ...["factor", "kind", "first", "second", "measure", "level", "n", "positive", "patients"],
    ...estimate("difference"),
    ...["p", "interaction_statistic", "interaction_df_0", "interaction_df_1", "interaction_p"],
  ],
  "readings.csv": ["calls", "changed", ...accuracy],
} as const;

/**
 * The tables of a comparison as CSV files by name, in English, fractions 0-1 with every digit: the same for whoever fetches them, by page or command.
 * @param about.sizes the nodes of which readers were shown different sizes
 */
export function comparisonTables(
  { comparison, inputSha256, methods }: StoredComparison,
  { sizes, synthetic }: { sizes: readonly SizesShown[]; synthetic: boolean },
): Record<keyof typeof columns, string> {
  const written = inEnglish(comparison);
  const { rows, agreement, jointAgreement, notEvaluable, comparisons, averages, reads, network, about } = written;
  const leaking = comparison.about.run !== null && splitLeaks(comparison.about.run);
  const caution = (comparison.about.run?.cautions ?? []).map(sayIn("en")).join("; ");
  const file = (name: keyof typeof columns, records: readonly object[]) => toCsv(records, columns[name]);
  return {
    "comparison.csv": file(
      "comparison.csv",
      withSizes(rows, sizes).map((row) => ({
        ...row,
        synthetic,
        leaks: leaking && row.reader === "network",
        inputSha256,
        methods,
      })),
    ),
    "agreement.csv": file("agreement.csv", agreement),
    "joint-agreement.csv": file(
      "joint-agreement.csv",
      jointAgreement.map((each) => ({ ...each, readers: each.readers.join(" ") })),
    ),
    "comparisons.csv": file("comparisons.csv", comparisons),
    "secondary.csv": file("secondary.csv", written.secondary),
    "averages.csv": file(
      "averages.csv",
      averages.map((each) => ({ ...each, readers: each.readers.join(" "), leftOut: each.leftOut.join(" ") })),
    ),
    "reads.csv": file("reads.csv", reads),
    "not-evaluable.csv": file("not-evaluable.csv", notEvaluable),
    "operating-points.csv": file(
      "operating-points.csv",
      (network?.matched ?? []).map((row) => ({ ...row, ...(about.run && { caution }) })),
    ),
    "units.csv": file(
      "units.csv",
      written.units.flatMap(({ rows, rule }) => rows.map((row) => ({ ...row, rule }))),
    ),
    "subgroups.csv": file(
      "subgroups.csv",
      written.subgroups.flatMap(({ levels, ...group }) => levels.map((level) => ({ ...group, ...level }))),
    ),
    "readings.csv": file(
      "readings.csv",
      written.readings.flatMap(({ calls, changed, rows }) =>
        rows.map((row) => ({ calls: calls ?? "given", changed, ...row })),
      ),
    ),
  };
}
