import { Command } from "commander";
import { contradictionInWords } from "@/core/splits/contradictions";
import { parsed } from "@/scripts/cli/options";
import { runCommand } from "@/scripts/cli/run-command";
import { words } from "@/scripts/cli/words";
import { withActor } from "@/server/door";
import { lockInput } from "@/server/schemas/study";
import { findContradictions } from "@/server/services/imaging/find-contradictions";
import { lockStudy } from "@/server/services/lock/lock-study";
import { studyOfCommand } from "@/server/services/study/study-of-command";

/** lock --study NAME [--reason TEXT] */
export function lockCommand(): Command {
  const command = new Command("lock")
    .description(words("lock.about"))
    .requiredOption("--study <name>", words("option.study"))
    .option("--reason <text>", words("lock.reason"));
  runCommand<{ study: string; reason?: string }>(command, async ({ options }) => {
    const asked = parsed(lockInput, { reason: options.reason });
    const { study, actor } = await studyOfCommand(options.study, { command: "lock" });
    const { contradictions, ...result } = await withActor(actor, async (tx) => ({
      ...(await lockStudy(tx, actor, asked)),
      contradictions: await findContradictions(tx, actor),
    }));
    return {
      json: { study: study.slug, ...result, contradictions },
      text: [
        ...contradictions.map((each) => words("import.warning", { warning: contradictionInWords(each) })),
        words("lock.done", { study: study.name, crops: result.counts.crops, nodes: result.counts.nodes }),
      ],
    };
  });
  return command;
}
