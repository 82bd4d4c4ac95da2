import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { id } from "@/scripts/cli/options";
import { runCommand } from "@/scripts/cli/run-command";
import { studyOfCommand } from "@/scripts/cli/study-of-command";
import { locale, words } from "@/scripts/cli/words";
import { withActor } from "@/server/door";
import { takeModelCard } from "@/server/services/model/take-model-card";

/** card --study NAME --run ID --out FILE */
export function cardCommand(): Command {
  const command = new Command("card")
    .description(words("card.about"))
    .requiredOption("--study <name>", words("option.study"))
    .requiredOption("--run <id>", words("option.run"), id)
    .requiredOption("--out <file>", words("option.out"));
  runCommand<{ study: string; run: string; out: string }>(command, async ({ options }) => {
    const { study, actor } = await studyOfCommand(options.study, { command: "card", afterLock: true });
    const { markdown } = await withActor(actor, (tx) => takeModelCard(tx, actor, { runId: options.run, locale }));
    await writeFile(options.out, markdown);
    return {
      json: { study: study.slug, run: options.run, file: options.out },
      text: [words("card.written", { run: options.run, file: options.out })],
    };
  });
  return command;
}
