import { Command } from "commander";
import { withActor } from "@/server/door";
import { lockStudy } from "@/server/services/lock/lock-study";
import { studyAsCommandLine } from "@/server/services/study/command-line";
import { runCommand } from "../run-command";

/** lock --study NAME [--reason TEXT] */
export function lockCommand(): Command {
  const command = new Command("lock")
    .description("lock the database of a study for good: the analysis opens, and nothing above it changes any more")
    .requiredOption("--study <name>", "the study")
    .option("--reason <text>", "why it is locked although something is missing");
  runCommand<{ study: string; reason?: string }>(command, async ({ options }) => {
    const { study, actor } = await studyAsCommandLine(options.study);
    const result = await withActor(actor, (tx) =>
      lockStudy(tx, actor, options.reason === undefined ? {} : { reason: options.reason }),
    );
    return {
      json: { study: study.slug, ...result },
      text: [
        `The database of "${study.name}" is locked: ${result.counts.crops} images of ${result.counts.nodes} nodes.`,
      ],
    };
  });
  return command;
}
