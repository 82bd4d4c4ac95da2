import { Command } from "commander";
import { runCommand } from "@/scripts/cli/run-command";
import { progressBar } from "@/scripts/cli/terminal";
import { words } from "@/scripts/cli/words";
import { writeFolder } from "@/scripts/cli/write-folder";
import { exportImages } from "@/server/services/image-export/export-images";
import { studyOfCommand } from "@/server/services/study/study-of-command";

/** export-images --study NAME --out FOLDER */
export function exportImagesCommand(): Command {
  const command = new Command("export-images")
    .description(words("exportImages.about"))
    .requiredOption("--study <name>", words("option.study"))
    .requiredOption("--out <folder>", words("exportImages.out"));
  runCommand<{ study: string; out: string }>(command, async ({ options: { study: name, out } }) => {
    const { study, actor } = await studyOfCommand(name, { command: "export-images", afterLock: true });
    const bar = progressBar();
    const written = await writeFolder(out, (put) =>
      exportImages(actor, study, {
        put,
        onProgress: (at) => bar.show({ name: words("exportImages.writing"), ...at }),
      }),
    ).finally(bar.end);
    return {
      json: { study: study.slug, synthetic: study.synthetic, folder: out, ...written },
      text: [
        ...(study.synthetic ? [words("synthetic")] : []),
        words("exportImages.written", { folder: out, ...written }),
      ],
    };
  });
  return command;
}
