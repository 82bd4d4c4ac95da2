import { rename, rm, writeFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { withActor } from "@/server/door";
import { exportFormat } from "@/server/schemas/model";
import { takeTaskFile } from "@/server/services/model/find-tasks";
import { requestTask } from "@/server/services/model/request-task";
import { studyAsCommandLine } from "@/server/services/study/command-line";
import { id } from "../options";
import { runCommand } from "../run-command";
import { waitForTask } from "../wait";

/** export --study NAME --run ID --format onnx --out FILE */
export function exportCommand(): Command {
  const command = new Command("export")
    .description("the model of a run that was trained on everything, as a file for other programs")
    .requiredOption("--study <name>", "the study")
    .requiredOption("--run <id>", "the run", id)
    .addOption(new Option("--format <format>", "of the file").choices(exportFormat.options).makeOptionMandatory())
    .requiredOption("--out <file>", "where to write it");
  runCommand<{ study: string; run: string; format: (typeof exportFormat.options)[number]; out: string }>(
    command,
    async ({ options, services }) => {
      const { study, actor } = await studyAsCommandLine(options.study);
      const { taskId } = await withActor(actor, (tx) =>
        requestTask(tx, actor, { kind: "export", runId: options.run, variant: options.format }),
      );
      const { detail } = await waitForTask(services, actor, taskId);
      const { stream, bytes, ...file } = await takeTaskFile(actor, { taskId });
      const unfinished = `${options.out}.part`;
      try {
        await writeFile(unfinished, stream);
        await rename(unfinished, options.out);
      } catch (error) {
        await rm(unfinished, { force: true });
        throw error;
      }
      return {
        json: { study: study.slug, run: options.run, task: taskId, file: options.out, ...file, detail },
        text: [`${file.name} (${bytes} bytes, SHA-256 ${file.sha256}) is in ${options.out}.`],
      };
    },
  );
  return command;
}
