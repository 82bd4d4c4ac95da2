import { Command } from "commander";
import { runCommand } from "@/scripts/cli/run-command";
import { studyOfCommand } from "@/scripts/cli/study-of-command";
import { words } from "@/scripts/cli/words";
import { withActor } from "@/server/door";
import { lockStudy } from "@/server/services/lock/lock-study";

/** lock --study NAME [--reason TEXT] */
export function lockCommand(): Command {
  const command = new Command("lock")
    .description(words("lock.about"))
    .requiredOption("--study <name>", words("option.study"))
    .option("--reason <text>", words("lock.reason"));
  runCommand<{ study: string; reason?: string }>(command, async ({ options }) => {
    const { study, actor } = await studyOfCommand(options.study, { command: "lock" });
    const result = await withActor(actor, (tx) =>
      lockStudy(tx, actor, options.reason === undefined ? {} : { reason: options.reason }),
    );
    return {
      json: { study: study.slug, ...result },
      text: [words("lock.done", { study: study.name, crops: result.counts.crops, nodes: result.counts.nodes })],
    };
  });
  return command;
}
