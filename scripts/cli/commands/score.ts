import { Command } from "commander";
import { markOf } from "@/scripts/cli/mark";
import { id } from "@/scripts/cli/options";
import { runCommand } from "@/scripts/cli/run-command";
import { words } from "@/scripts/cli/words";
import { writeWhole } from "@/scripts/cli/write-whole";
import { AppError } from "@/server/errors";
import { takeScores } from "@/server/services/analysis/take-scores";
import { studyOfCommand } from "@/server/services/study/study-of-command";
import { toCsv } from "@/server/tables/to-csv";

/** score --study NAME [--run ID] [--out FILE] */
export function scoreCommand(): Command {
  const command = new Command("score")
    .description(words("score.about"))
    .requiredOption("--study <name>", words("option.study"))
    .option("--run <id>", words("score.run"), id)
    .option("--out <file>", words("score.out"));
  runCommand<{ study: string; run?: string; out?: string }>(command, async ({ options }) => {
    const { study, actor } = await studyOfCommand(options.study, { command: "score", afterLock: true });
    const taken = await takeScores(actor, { runId: options.run });
    if (!taken) throw new AppError("conflict", { key: "cli.no_scores" });
    const { run, rows } = taken;
    const { words: marks, json, column } = markOf(run);
    if (options.out) await writeWhole(options.out, toCsv(rows.map((row) => ({ ...row, ...column }))));
    return {
      json: { study: study.slug, run: run.id, ...json, scores: rows },
      text: [
        ...marks,
        options.out
          ? words("score.written", { images: rows.length, run: run.id, file: options.out })
          : words("score.done", { images: rows.length, run: run.id }),
      ],
    };
  });
  return command;
}
