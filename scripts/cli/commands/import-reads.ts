import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { importReads } from "@/server/services/import/import-reads";
import { studyAsCommandLine } from "@/server/services/study/command-line";
import { runCommand, unreadable } from "../run-command";

/** import reads READS.csv --study NAME */
export function importReadsCommand(): Command {
  const command = new Command("reads")
    .description(
      "import reads made outside: columns reader,condition,subject,node,plane,call (no plane where cases are nodes) and criteria,confidence,seconds where known; correction_reason where a read corrects the one imported before",
    )
    .argument("<reads>", "CSV file")
    .requiredOption("--study <name>", "the study");
  runCommand<{ study: string }>(command, async ({ args: [path = ""], options }) => {
    const reads = await readFile(path).catch(unreadable(path));
    const { study, actor } = await studyAsCommandLine(options.study);
    const result = await importReads(actor, { reads });
    return {
      json: { study: study.slug, ...result },
      text: [
        ...result.warnings.map((warning) => `warning: ${warning}`),
        `${result.rows} rows read: ${result.added} reads imported, ${result.corrected} corrected, ${result.unchanged} were there already.`,
      ],
    };
  });
  return command;
}
