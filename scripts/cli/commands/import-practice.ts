import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { runCommand, unreadable } from "@/scripts/cli/run-command";
import { progressBar } from "@/scripts/cli/terminal";
import { inWords, words } from "@/scripts/cli/words";
import { importPractice } from "@/server/services/practice/import-practice";
import { studyOfCommand } from "@/server/services/study/study-of-command";

/** import practice FOLDER --study NAME */
export function importPracticeCommand(): Command {
  const command = new Command("practice")
    .description(words("import.practice"))
    .argument("<folder>", words("import.practice_folder"))
    .requiredOption("--study <name>", words("option.study"));
  runCommand<{ study: string }>(command, async ({ args: [given = ""], options }) => {
    const folder = resolve(given);
    const path = join(folder, "practice.csv");
    const table = await readFile(path).catch(unreadable(path));
    const { study, actor } = await studyOfCommand(options.study, { command: "import practice" });
    const bar = progressBar();
    const result = await importPractice(actor, {
      table,
      folder,
      onProgress: ({ phase, done, total }) => bar.show({ name: words(`import.${phase}`), done, total }),
    }).finally(bar.end);
    const { cases, rows, set, unchanged } = result;
    return {
      json: { study: study.slug, ...result, warnings: result.warnings.map(inWords) },
      text: [
        ...result.warnings.map((warning) => words("import.warning", { warning })),
        words("import.practice_done", { cases, rows, set, unchanged: unchanged ? "yes" : "no" }),
      ],
    };
  });
  return command;
}
