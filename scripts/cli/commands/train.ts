import { Command } from "commander";
import { expectedInWords } from "@/scripts/cli/expected";
import { markOf } from "@/scripts/cli/mark";
import { parsed, refuseUnlocked, wholeNumber, withRegimenOptions } from "@/scripts/cli/options";
import { runCommand } from "@/scripts/cli/run-command";
import { say } from "@/scripts/cli/terminal";
import { waitForRun } from "@/scripts/cli/wait";
import { words } from "@/scripts/cli/words";
import { type TrainInput, trainInput } from "@/server/schemas/model";
import { queueTraining } from "@/server/services/model/queue-training";
import { studyOfCommand } from "@/server/services/study/study-of-command";

/** train --study NAME [--trainable network] [--frozen 3] [--folds 5] ... */
export function trainCommand(): Command {
  const command = withRegimenOptions(
    new Command("train")
      .description(words("train.about"))
      .requiredOption("--study <name>", words("option.study"))
      .option("--trainable <what>", words("train.trainable"))
      .option("--frozen <n>", words("train.frozen"), wholeNumber),
  );
  runCommand<TrainInput & { study: string }>(command, async ({ options: { study: name, ...given }, services }) => {
    const { study, actor } = await studyOfCommand(name, { command: "train" });
    refuseUnlocked(study);
    const asked = parsed(trainInput, given);
    say(await expectedInWords(actor, asked));
    const { runId } = await queueTraining(actor, asked);
    say(words("train.queued", { run: runId }));
    const run = await waitForRun(services, actor, runId);
    const { state, images, patients, folds, seed, environment, figures } = run;
    const { words: marks, json } = markOf(run);
    return {
      json: { study: study.slug, run: run.id, state, images, patients, folds, seed, ...json, environment, figures },
      text: [...marks, words("train.done", { images, patients, folds, seed })],
    };
  });
  return command;
}
