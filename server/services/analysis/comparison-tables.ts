import { networkParty } from "@/core/protocol/analysis";
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
/** Those of a difference of two parties, and of an average over readers. */
const comparisons = [...["kind", ...parties, "n"], ...estimate("difference"), ...["method", "p", "pHolm"]];
const averages = [
  ...["kind", "first", "second", "readers", "leftOut", "measure", "n", "reads", "possible"],
  ...["first_average", "second_average"],
  ...estimate("fixed_difference"),
  ...["fixed_df", "fixed_p", "fixed_pHolm"],
  ...estimate("random_difference"),
  ...["random_df", "random_p", "unbiased_variance", "unbiased_df", "unbiased_p", "complete_n"],
  ...estimate("complete_fixed_difference"),
  ...["complete_fixed_df", "complete_fixed_p"],
];

/** The columns of each table, whatever a study has: a program that reads one reads all. */
const columns = {
  "primary.csv": [
    ...["planned", "unit", "rule", "calls", "first", "second", "measure", "readers", "averagedOver"],
    ...["n", "reads", "possible"],
    ...estimate("difference"),
    ...["df", "p", "margin", "verdict"],
  ],
  "comparison.csv": [...accuracy, ...["sizesDiffer", "synthetic", "leaks", "inputSha256", "methods"]],
  "agreement.csv": [
    ...["kind", "readers_0", "readers_1", "condition", "n", "table_0_0", "table_0_1", "table_1_0", "table_1_1"],
    ...estimate("kappa"),
    "observed",
    ...estimate("ac1"),
    ...["prevalenceIndex", "biasIndex"],
    ...["weightedLinear", "weightedQuadratic"].flatMap(estimate),
  ],
  "joint-agreement.csv": ["readers", "condition", "n", "observed", ...estimate("kappa")],
  "comparisons.csv": comparisons,
  "secondary.csv": ["kind", ...parties, "scale", "n", ...estimate("value"), "p"],
  "averages.csv": averages,
  "flow.csv": ["reader", "condition", "truth", "units", "positive", "negative", "notEvaluable", "missing"],
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
  "units-comparisons.csv": ["unit", "rule", ...comparisons],
  "units-averages.csv": ["unit", "rule", ...averages],
  "clusterings.csv": ["level", "clusters", ...accuracy],
  "subgroups.csv": [
    ...["factor", "kind", "first", "second", "measure", "level", "n", "positive", "patients"],
    ...estimate("difference"),
    ...["p", "interaction_statistic", "interaction_df_0", "interaction_df_1", "interaction_p"],
  ],
  "readings.csv": ["calls", "changed", ...accuracy],
  "readings-averages.csv": ["calls", "changed", ...averages],
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
  const { level: unit, rule } = about.plan.unit ?? { level: "image" as const, rule: "any" as const };
  const given = (calls: string | null) => calls ?? "given";
  const named = (of: typeof averages) =>
    of.map(({ averages: [first_average, second_average], ...each }) => ({
      ...{ ...each, readers: each.readers.join(" "), leftOut: each.leftOut.join(" ") },
      ...{ first_average, second_average },
    }));
  const leaking = comparison.about.run !== null && splitLeaks(comparison.about.run);
  const caution = (comparison.about.run?.cautions ?? []).map(sayIn("en")).join("; ");
  const file = (name: keyof typeof columns, records: readonly object[]) => toCsv(records, columns[name]);
  const answers = [
    { planned: true, unit, rule, calls: about.plan.ruleSet, primary: written.primary },
    ...written.units.map((each) => ({ planned: false, calls: about.plan.ruleSet, ...each })),
    ...written.readings.map((each) => ({ planned: false, unit, rule, ...each })),
  ];
  return {
    "primary.csv": file(
      "primary.csv",
      answers.flatMap(({ planned, unit, rule, calls, primary }) =>
        primary
          ? [
              {
                ...{ planned, unit, rule, calls: given(calls), ...primary },
                ...{ first: primary.first ?? networkParty, averagedOver: primary.averagedOver.join(" ") },
              },
            ]
          : [],
      ),
    ),
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
    "averages.csv": file("averages.csv", named(averages)),
    "flow.csv": file("flow.csv", written.flow),
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
    "units-comparisons.csv": file(
      "units-comparisons.csv",
      written.units.flatMap(({ unit, rule, comparisons }) => comparisons.map((each) => ({ unit, rule, ...each }))),
    ),
    "units-averages.csv": file(
      "units-averages.csv",
      written.units.flatMap(({ unit, rule, averages }) => named(averages).map((each) => ({ unit, rule, ...each }))),
    ),
    "clusterings.csv": file(
      "clusterings.csv",
      written.otherClusterings.flatMap(({ level, clusters, rows }) => rows.map((row) => ({ level, clusters, ...row }))),
    ),
    "subgroups.csv": file(
      "subgroups.csv",
      written.subgroups.flatMap(({ levels, ...group }) => levels.map((level) => ({ ...group, ...level }))),
    ),
    "readings.csv": file(
      "readings.csv",
      written.readings.flatMap(({ calls, changed, rows }) =>
        rows.map((row) => ({ calls: given(calls), changed, ...row })),
      ),
    ),
    "readings-averages.csv": file(
      "readings-averages.csv",
      written.readings.flatMap(({ calls, changed, averages }) =>
        named(averages).map((each) => ({ calls: given(calls), changed, ...each })),
      ),
    ),
  };
}
