import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { toCsv } from "@/server/csv";
import { withActor } from "@/server/door";
import type { ComparisonOutput } from "@/server/schemas/analysis";
import { storedComparisonOf } from "@/server/services/analysis/find-comparison";
import { requestComparison } from "@/server/services/analysis/request-comparison";
import { studyAsCommandLine } from "@/server/services/study/command-line";
import { markOf } from "../mark";
import { id } from "../options";
import { runCommand } from "../run-command";
import { findScores } from "../scores";
import { waitForAnalysis } from "../wait";

type Row = ComparisonOutput["rows"][number];

function inWords({ reader, condition, n, accuracy, auc }: Row): string {
  const whole = accuracy.estimate === null ? accuracy.reason : `${(accuracy.estimate * 100).toFixed(1)} %`;
  const area = auc.estimate === null ? "" : `, AUC ${auc.estimate.toFixed(3)}`;
  return `${condition ? `${reader} ${condition}` : reader}: ${n} images, accuracy ${whole}${area}`;
}

/** analyse --study NAME [--run ID] --out DIR */
export function analyseCommand(): Command {
  const command = new Command("analyse")
    .description("readers against network: every number of the comparison page, as JSON and CSV")
    .requiredOption("--study <name>", "the study")
    .option(
      "--run <id>",
      "the run that is the network (default: the newest finished one that is no control, depth or import)",
      id,
    )
    .requiredOption(
      "--out <folder>",
      "where to write comparison.json, comparison.csv, agreement.csv, comparisons.csv, averages.csv, operating-points.csv, scores.csv",
    );
  runCommand<{ study: string; run?: string; out: string }>(command, async ({ options, services }) => {
    const { study, actor } = await studyAsCommandLine(options.study);
    const asked = { runId: options.run };
    const { analysisId } = await withActor(actor, (tx) => requestComparison(tx, actor, asked));
    await waitForAnalysis(services, actor, analysisId);
    const { comparison, inputSha256, methods } = await withActor(actor, (tx) => storedComparisonOf(tx, actor, asked));
    const scores = await findScores(actor, asked);
    const mark = scores && markOf(scores.run);
    const json = { ...mark?.json, inputSha256, methods, ...comparison };
    const marked = (rows: readonly object[]) => toCsv(rows.map((row) => ({ ...row, ...mark?.column })));
    await mkdir(options.out, { recursive: true });
    const files: Record<string, string> = {
      "comparison.json": `${JSON.stringify({ study: { name: study.name, synthetic: study.synthetic }, ...json }, null, 2)}\n`,
      "comparison.csv": toCsv(comparison.rows.map((row) => ({ ...row, inputSha256, methods }))),
      "agreement.csv": toCsv(comparison.agreement),
      "comparisons.csv": toCsv(comparison.comparisons),
      "averages.csv": toCsv(comparison.averages),
      ...(comparison.network ? { "operating-points.csv": marked(comparison.network.matched) } : {}),
      ...(scores ? { "scores.csv": marked(scores.rows) } : {}),
    };
    for (const [name, content] of Object.entries(files)) await writeFile(join(options.out, name), content);
    return {
      json,
      text: [
        ...(study.synthetic ? ["This study is synthetic: its numbers say nothing about patients."] : []),
        ...(mark?.words ?? []),
        ...comparison.rows.map(inWords),
        `Written to ${options.out}: ${Object.keys(files).join(", ")}.${scores ? "" : " No run has finished, so the network is not in it."}`,
      ],
    };
  });
  return command;
}
