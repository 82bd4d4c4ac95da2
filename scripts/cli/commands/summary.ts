import { readFile } from "node:fs/promises";
import { Command } from "commander";
import type { Estimate } from "@/core/stats/types";
import { inEnglish } from "@/core/words/said";
import { runWithoutServices, unreadable } from "@/scripts/cli/run-command";
import { inWords, words } from "@/scripts/cli/words";
import { summariseCounts } from "@/server/services/paper/summarise-counts";

const shown = (value: number | null) => (value === null ? "–" : value.toFixed(3));

function figureInWords(name: string, { estimate, lower, upper, ...about }: Estimate): string {
  if (estimate === null)
    return words("summary.figure_without", { name, reason: "reason" in about ? inWords(about.reason) : "–" });
  return words("summary.figure", { name, estimate: shown(estimate), lower: shown(lower), upper: shown(upper) });
}

/** summary COUNTS.csv */
export function summaryCommand(): Command {
  const command = new Command("summary")
    .description(words("summary.about"))
    .argument("<table>", words("summary.table"));
  runWithoutServices(command, async ({ args: [path = ""] }) => {
    const summary = await summariseCounts(await readFile(path).catch(unreadable(path)));
    return {
      json: inEnglish(summary),
      text: [
        ...summary.readers.flatMap(({ reader, condition, positives, negatives, figures }) => [
          words("summary.row", { who: condition ? `${reader} ${condition}` : reader, positives, negatives }),
          figureInWords(words("summary.names.sensitivity"), figures.sensitivity),
          figureInWords(words("summary.names.specificity"), figures.specificity),
          figureInWords(words("summary.names.ppv"), figures.ppv),
          figureInWords(words("summary.names.npv"), figures.npv),
          figureInWords(words("summary.names.accuracy"), figures.accuracy),
          figureInWords(words("summary.names.balancedAccuracy"), figures.balancedAccuracy),
        ]),
        "",
        ...summary.notes.map(inWords),
      ],
    };
  });
  return command;
}
