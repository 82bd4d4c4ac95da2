import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { sizesInWords } from "@/core/reading/sizes-shown";
import { inEnglish } from "@/core/words/said";
import { markOf } from "@/scripts/cli/mark";
import { id } from "@/scripts/cli/options";
import { runCommand } from "@/scripts/cli/run-command";
import { waitForAnalysis } from "@/scripts/cli/wait";
import { inWords, words } from "@/scripts/cli/words";
import { writeWhole } from "@/scripts/cli/write-whole";
import { withActor } from "@/server/door";
import type { ComparisonOutput } from "@/server/schemas/analysis";
import { comparisonTables } from "@/server/services/analysis/comparison-tables";
import { requestComparison } from "@/server/services/analysis/request-comparison";
import { takeComparison } from "@/server/services/analysis/take-comparison";
import { takeScores } from "@/server/services/analysis/take-scores";
import { sizesThatDiffer } from "@/server/services/reading/sizes-that-differ";
import { studyOfCommand } from "@/server/services/study/study-of-command";
import { toCsv } from "@/server/tables/to-csv";

type Row = ComparisonOutput["rows"][number];

function rowInWords({ reader, condition, n, accuracy, auc }: Row): string {
  const whole = accuracy.estimate === null ? inWords(accuracy.reason) : `${(accuracy.estimate * 100).toFixed(1)} %`;
  const area = auc.estimate === null ? "" : words("analyse.auc", { auc: auc.estimate.toFixed(3) });
  return words("analyse.row", { who: condition ? `${reader} ${condition}` : reader, n, accuracy: whole, auc: area });
}

/** The contrast that the protocol planned, and what its interval allows to say. */
function primaryInWords({ primary, about }: ComparisonOutput): string[] {
  if (!primary) return [];
  const { first, second, measure, margin, difference, verdict } = primary;
  const number = (value: number | null) =>
    value === null
      ? "–"
      : measure === "auc"
        ? value.toFixed(3)
        : words("analyse.points", { value: (100 * value).toFixed(1) });
  const side = (key: string | null) =>
    key === null
      ? words("analyse.primary_network")
      : words("analyse.primary_readers", {
          condition: about.conditions.find((condition) => condition.key === key)?.label ?? key,
        });
  const { estimate, lower, upper } = difference;
  return [
    words("analyse.primary", {
      first: side(first),
      second: side(second),
      measure,
      difference:
        estimate === null
          ? inWords(difference.reason)
          : [
              words("analyse.interval", { estimate: number(estimate), lower: number(lower), upper: number(upper) }),
              ...(difference.caution ? [inWords(difference.caution)] : []),
            ].join("; "),
      verdict: verdict ?? "none",
      margin: number(margin),
    }),
  ];
}

/** analyse --study NAME [--run ID] --out DIR */
export function analyseCommand(): Command {
  const command = new Command("analyse")
    .description(words("analyse.about"))
    .requiredOption("--study <name>", words("option.study"))
    .option("--run <id>", words("analyse.run"), id)
    .requiredOption("--out <folder>", words("analyse.out"));
  runCommand<{ study: string; run?: string; out: string }>(command, async ({ options, services }) => {
    const { study, actor } = await studyOfCommand(options.study, { command: "analyse", afterLock: true });
    const asked = { runId: options.run };
    const { analysisId } = await withActor(actor, (tx) => requestComparison(tx, actor, asked));
    await waitForAnalysis(services, actor, analysisId);
    const stored = await withActor(actor, (tx) => takeComparison(tx, actor, asked));
    const { comparison, inputSha256, methods } = stored;
    const written = inEnglish(comparison);
    const sizes = await withActor(actor, (tx) => sizesThatDiffer(tx, actor));
    const scores = await takeScores(actor, asked);
    const mark = scores && markOf(scores.run);
    const json = { ...mark?.json, inputSha256, methods, sizesThatDiffer: sizes, ...written };
    await mkdir(options.out, { recursive: true });
    const files: Record<string, string> = {
      "comparison.json": `${JSON.stringify({ study: { name: study.name, synthetic: study.synthetic }, ...json }, null, 2)}\n`,
      ...comparisonTables(stored, { sizes, synthetic: study.synthetic }),
      ...(scores ? { "scores.csv": toCsv(scores.rows.map((row) => ({ ...row, ...mark?.column }))) } : {}),
    };
    for (const [name, content] of Object.entries(files)) await writeWhole(join(options.out, name), content);
    return {
      json,
      text: [
        ...(study.synthetic ? [words("synthetic")] : []),
        ...(mark?.words ?? []),
        ...sizes.map((each) => words("analyse.sizes_differ", { sizes: sizesInWords(each) })),
        ...(comparison.about.unit === "node" ? [words("analyse.by_node")] : []),
        ...primaryInWords(comparison),
        ...comparison.rows.map(rowInWords),
        words(scores ? "analyse.written" : "analyse.written_without_network", {
          folder: options.out,
          files: Object.keys(files).join(", "),
        }),
      ],
    };
  });
  return command;
}
