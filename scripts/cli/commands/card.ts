import { Command } from "commander";
import { id } from "@/scripts/cli/options";
import { runCommand } from "@/scripts/cli/run-command";
import { waitForAnalysis } from "@/scripts/cli/wait";
import { locale, words } from "@/scripts/cli/words";
import { writeWhole } from "@/scripts/cli/write-whole";
import { takeModelCard } from "@/server/services/model/take-model-card";
import { studyOfCommand } from "@/server/services/study/study-of-command";

/** card --study NAME --run ID --out FILE */
export function cardCommand(): Command {
  const command = new Command("card")
    .description(words("card.about"))
    .requiredOption("--study <name>", words("option.study"))
    .requiredOption("--run <id>", words("option.run"), id)
    .requiredOption("--out <file>", words("option.out"));
  runCommand<{ study: string; run: string; out: string }>(command, async ({ options, services }) => {
    const { study, actor } = await studyOfCommand(options.study, { command: "card", afterLock: true });
    const { markdown } = await takeModelCard(actor, { runId: options.run, locale }, (analysisId) =>
      waitForAnalysis(services, actor, analysisId),
    );
    await writeWhole(options.out, markdown);
    return {
      json: { study: study.slug, run: options.run, file: options.out },
      text: [words("card.written", { run: options.run, file: options.out })],
    };
  });
  return command;
}
