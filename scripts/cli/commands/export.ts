import { Command, Option } from "commander";
import { id } from "@/scripts/cli/options";
import { runCommand } from "@/scripts/cli/run-command";
import { waitForTask } from "@/scripts/cli/wait";
import { words } from "@/scripts/cli/words";
import { writeWhole } from "@/scripts/cli/write-whole";
import { withActor } from "@/server/door";
import { exportFormat } from "@/server/schemas/model";
import { requestTask } from "@/server/services/model/request-task";
import { takeTaskFile } from "@/server/services/model/take-task-file";
import { studyOfCommand } from "@/server/services/study/study-of-command";

/** export --study NAME --run ID --format onnx --out FILE */
export function exportCommand(): Command {
  const command = new Command("export")
    .description(words("export.about"))
    .requiredOption("--study <name>", words("option.study"))
    .requiredOption("--run <id>", words("option.run"), id)
    .addOption(
      new Option("--format <format>", words("export.format")).choices(exportFormat.options).makeOptionMandatory(),
    )
    .requiredOption("--out <file>", words("option.out"));
  runCommand<{ study: string; run: string; format: (typeof exportFormat.options)[number]; out: string }>(
    command,
    async ({ options, services }) => {
      const { study, actor } = await studyOfCommand(options.study, { command: "export", afterLock: true });
      const { taskId } = await withActor(actor, (tx) =>
        requestTask(tx, actor, { kind: "export", runId: options.run, variant: options.format }),
      );
      const { detail } = await waitForTask(services, actor, taskId);
      const { stream, bytes, ...file } = await takeTaskFile(actor, { taskId });
      await writeWhole(options.out, stream);
      return {
        json: { study: study.slug, run: options.run, task: taskId, file: options.out, ...file, detail },
        text: [words("export.written", { name: file.name, bytes, sha256: file.sha256, file: options.out })],
      };
    },
  );
  return command;
}
