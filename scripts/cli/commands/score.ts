import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { toCsv } from "@/server/csv";
import { studyAsCommandLine } from "@/server/services/study/command-line";
import { markOf } from "../mark";
import { id } from "../options";
import { runCommand } from "../run-command";
import { scoresOrRefuse } from "../scores";

/** score --study NAME [--run ID] [--out FILE] */
export function scoreCommand(): Command {
  const command = new Command("score")
    .description("the network's out-of-fold score of every image, from the newest finished run")
    .requiredOption("--study <name>", "the study")
    .option(
      "--run <id>",
      "that of this run; size-blind controls, depths of a sweep and imported scores are taken only so",
      id,
    )
    .option("--out <file>", "write them as CSV: subject,node,plane,fold,score,truth and caution where there is one");
  runCommand<{ study: string; run?: string; out?: string }>(command, async ({ options }) => {
    const { study, actor } = await studyAsCommandLine(options.study);
    const { run, rows } = await scoresOrRefuse(actor, { runId: options.run });
    const { words, json, column } = markOf(run);
    if (options.out) await writeFile(options.out, toCsv(rows.map((row) => ({ ...row, ...column }))));
    return {
      json: { study: study.slug, run: run.id, ...json, scores: rows },
      text: [
        ...words,
        `${rows.length} images have a score of run ${run.id}${options.out ? `; written to ${options.out}` : ""}.`,
      ],
    };
  });
  return command;
}
