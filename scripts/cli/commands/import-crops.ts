import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { Command } from "commander";
import { runCommand, unreadable } from "@/scripts/cli/run-command";
import { progressBar } from "@/scripts/cli/terminal";
import { inWords, words } from "@/scripts/cli/words";
import { importCrops } from "@/server/services/import/import-crops";
import { studyOfCommand } from "@/server/services/study/study-of-command";

/** import crops MANIFEST.csv --study NAME */
export function importCropsCommand(): Command {
  const command = new Command("crops")
    .description(words("import.crops"))
    .argument("<manifest>", words("import.manifest"))
    .option("--without-pictures", words("import.without_pictures"))
    .requiredOption("--study <name>", words("option.study"));
  runCommand<{ study: string; withoutPictures?: true }>(command, async ({ args: [path = ""], options }) => {
    const manifest = await readFile(path).catch(unreadable(path));
    const { study, actor } = await studyOfCommand(options.study, { command: "import crops" });
    const bar = progressBar();
    const result = await importCrops(actor, {
      manifest,
      folder: dirname(resolve(path)),
      pictures: !options.withoutPictures,
      onProgress: ({ phase, done, total }) => bar.show({ name: words(`import.${phase}`), done, total }),
    }).finally(bar.end);
    const { added } = result;
    return {
      json: { study: study.slug, ...result, warnings: result.warnings.map(inWords) },
      text: [
        ...result.warnings.map((warning) => words("import.warning", { warning })),
        words("import.crops_done", {
          rows: result.rows,
          crops: added.crops,
          nodes: added.nodes,
          subjects: added.subjects,
          unchanged: result.unchanged,
        }),
      ],
    };
  });
  return command;
}
