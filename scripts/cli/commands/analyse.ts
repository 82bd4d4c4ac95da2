import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { withActor } from "@/server/door";
import { compareStudy } from "@/server/services/analysis/compare-study";
import { studyAsCommandLine } from "@/server/services/study/command-line";
import { toCsv } from "@/server/csv";
import { runCommand } from "../run-command";
import { findScores } from "../scores";

const percent = (fraction: number) => `${(fraction * 100).toFixed(1)} %`;

/** analyse --study NAME --out DIR */
export function analyseCommand(): Command {
  const command = new Command("analyse")
    .description("readers against network: every number of the comparison page, as JSON and CSV")
    .requiredOption("--study <name>", "the study")
    .requiredOption(
      "--out <folder>",
      "where to write comparison.json, comparison.csv, agreement.csv, comparisons.csv, scores.csv",
    );
  runCommand<{ study: string; out: string }>(command, async ({ options }) => {
    const { study, actor } = await studyAsCommandLine(options.study);
    const comparison = await withActor(actor, (tx) => compareStudy(tx, actor));
    const scores = await findScores(actor);
    await mkdir(options.out, { recursive: true });
    const files: Record<string, string> = {
      "comparison.json": `${JSON.stringify({ study: { name: study.name, synthetic: study.synthetic }, ...comparison }, null, 2)}\n`,
      "comparison.csv": toCsv(comparison.rows),
      "agreement.csv": toCsv(comparison.agreement),
      "comparisons.csv": toCsv(comparison.comparisons),
      ...(scores ? { "scores.csv": toCsv(scores.rows) } : {}),
    };
    for (const [name, content] of Object.entries(files)) await writeFile(join(options.out, name), content);
    return {
      json: comparison,
      text: [
        ...(study.synthetic ? ["This study is synthetic: its numbers say nothing about patients."] : []),
        ...comparison.rows.map((row) => {
          const auc =
            "auc" in row && row.auc && "estimate" in row.auc && typeof row.auc.estimate === "number"
              ? `, AUC ${row.auc.estimate.toFixed(3)}`
              : "";
          return `${row.reader} ${row.condition ?? ""}: ${row.n} images, accuracy ${"estimate" in row.accuracy && typeof row.accuracy.estimate === "number" ? percent(row.accuracy.estimate) : "undefined"}${auc}`;
        }),
        `Written to ${options.out}: ${Object.keys(files).join(", ")}.${scores ? "" : " No run has finished, so the network is not in it."}`,
      ],
    };
  });
  return command;
}
