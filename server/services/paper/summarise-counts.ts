import { confusionMetrics } from "@/core/stats/counts/confusion";
import type { Said } from "@/core/words";
import { AppError } from "@/server/errors";
import { summaryRow } from "@/server/schemas/import";
import { asProblems, parseTable } from "@/server/tables/parse-table";

/**
 * What a published table of counts, a line a reader and condition, allows to say: the accuracies of each line with their intervals, and in words what cannot be
 * computed of it and why.
 * @throws AppError "invalid" when it is no such table, with what is wrong in which rows
 */
export async function summariseCounts(bytes: Uint8Array) {
  const { rows, problems, warnings } = await parseTable(bytes, {
    schema: summaryRow,
    required: ["reader", "tp", "fp", "fn", "tn"],
  });
  if (problems.length > 0)
    throw new AppError(
      "invalid",
      {
        key: "errors.rows_refused",
        values: { bad: new Set(problems.map(({ row }) => row)).size, rows: rows.length + problems.length },
      },
      asProblems(problems),
    );
  const readers = rows.map(({ value: { reader, condition = null, ...counts } }) => {
    const { sensitivity, specificity, ppv, npv, accuracy, balancedAccuracy } = confusionMetrics(counts);
    const figures = { sensitivity, specificity, ppv, npv, accuracy, balancedAccuracy };
    return {
      reader,
      condition,
      positives: counts.tp + counts.fn,
      negatives: counts.fp + counts.tn,
      ...counts,
      figures,
    };
  });
  const numbers = [...new Set(readers.map(({ positives, negatives }) => `${positives} + ${negatives}`))];
  const notes: Said[] = [
    ...warnings,
    ...(numbers.length > 1
      ? [{ key: "paper.summary.numbers_differ", values: { numbers: numbers.join(", ") } } as const]
      : []),
    { key: "paper.summary.curve" },
    ...(readers.length > 1 ? ([{ key: "paper.summary.paired" }, { key: "paper.summary.agreement" }] as const) : []),
    { key: "paper.summary.clusters" },
  ];
  return { readers, notes };
}
