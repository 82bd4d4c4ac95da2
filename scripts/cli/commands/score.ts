import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { toCsv } from "@/server/csv";
import { studyAsCommandLine } from "@/server/services/study/command-line";
import { id } from "../options";
import { runCommand } from "../run-command";
import { scoresOrRefuse } from "../scores";

/** score --study NAME [--run ID] [--out FILE] */
export function scoreCommand(): Command {
  const command = new Command("score")
    .description("the network's out-of-fold score of every image, from the newest finished run")
    .requiredOption("--study <name>", "the study")
    .option("--run <id>", "that of this run; controls, depths of a sweep and imported scores are taken only so", id)
    .option("--out <file>", "write them as CSV: subject,node,plane,fold,score,truth");
  runCommand<{ study: string; run?: string; out?: string }>(command, async ({ options }) => {
    const { study, actor } = await studyAsCommandLine(options.study);
    const { runId, rows } = await scoresOrRefuse(actor, { runId: options.run });
    if (options.out) await writeFile(options.out, toCsv(rows));
    return {
      json: { study: study.slug, run: runId, scores: rows },
      text: [
        `${rows.length} images have an out-of-fold score of run ${runId}${options.out ? `; written to ${options.out}` : ""}.`,
      ],
    };
  });
  return command;
}
