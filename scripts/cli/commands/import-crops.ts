import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { Command } from "commander";
import { importCrops } from "@/server/services/import/import-crops";
import { studyAsCommandLine } from "@/server/services/study/command-line";
import { runCommand, unreadable } from "../run-command";
import { progressBar } from "../terminal";

const phases = { decoding: "checking images", storing: "storing images" };

/** import crops MANIFEST.csv --study NAME */
export function importCropsCommand(): Command {
  const command = new Command("crops")
    .description(
      "import images of nodes: columns subject,node,plane,file and truth,sa_mm,region where known, and the items of the protocol, e.g. sex,age_years",
    )
    .argument("<manifest>", "CSV file; paths in it are relative to it")
    .requiredOption("--study <name>", "the study");
  runCommand<{ study: string }>(command, async ({ args: [path = ""], options }) => {
    const manifest = await readFile(path).catch(unreadable(path));
    const { study, actor } = await studyAsCommandLine(options.study);
    const bar = progressBar();
    const result = await importCrops(actor, {
      manifest,
      folder: dirname(resolve(path)),
      onProgress: ({ phase, done, total }) => bar.show({ name: phases[phase], done, total }),
    }).finally(bar.end);
    const { added } = result;
    return {
      json: { study: study.slug, ...result },
      text: [
        ...result.warnings.map((warning) => `warning: ${warning}`),
        `${result.rows} rows read: ${added.crops} images of ${added.nodes} new nodes of ${added.subjects} new subjects imported, ${result.unchanged} were there already.`,
      ],
    };
  });
  return command;
}
