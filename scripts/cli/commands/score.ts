import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { markOf } from "@/scripts/cli/mark";
import { id } from "@/scripts/cli/options";
import { runCommand } from "@/scripts/cli/run-command";
import { scoresOrRefuse } from "@/scripts/cli/scores";
import { studyOfCommand } from "@/scripts/cli/study-of-command";
import { words } from "@/scripts/cli/words";
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
    const { run, rows } = await scoresOrRefuse(actor, { runId: options.run });
    const { words: marks, json, column } = markOf(run);
    if (options.out) await writeFile(options.out, toCsv(rows.map((row) => ({ ...row, ...column }))));
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
