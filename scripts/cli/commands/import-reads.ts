import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { runCommand, unreadable } from "@/scripts/cli/run-command";
import { studyOfCommand } from "@/scripts/cli/study-of-command";
import { inWords, words } from "@/scripts/cli/words";
import { importReads } from "@/server/services/import/import-reads";

/** import reads READS.csv --study NAME */
export function importReadsCommand(): Command {
  const command = new Command("reads")
    .description(words("import.reads"))
    .argument("<reads>", words("import.csv"))
    .requiredOption("--study <name>", words("option.study"));
  runCommand<{ study: string }>(command, async ({ args: [path = ""], options }) => {
    const reads = await readFile(path).catch(unreadable(path));
    const { study, actor } = await studyOfCommand(options.study, { command: "import reads" });
    const result = await importReads(actor, { reads });
    return {
      json: { study: study.slug, ...result, warnings: result.warnings.map(inWords) },
      text: [
        ...result.warnings.map((warning) => words("import.warning", { warning })),
        words("import.reads_done", {
          rows: result.rows,
          added: result.added,
          corrected: result.corrected,
          unchanged: result.unchanged,
        }),
      ],
    };
  });
  return command;
}
