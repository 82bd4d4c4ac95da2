import { Command } from "commander";
import { withActor } from "@/server/door";
import { type TrainInput, trainInput } from "@/server/schemas/model";
import { queueTraining } from "@/server/services/model/queue-training";
import { studyAsCommandLine } from "@/server/services/study/command-line";
import { markOf } from "../mark";
import { parsed, refuseUnlocked, wholeNumber, withRegimenOptions } from "../options";
import { runCommand } from "../run-command";
import { say } from "../terminal";
import { waitForRun } from "../wait";

/** train --study NAME [--trainable network] [--frozen 3] [--folds 5] ... */
export function trainCommand(): Command {
  const command = withRegimenOptions(
    new Command("train")
      .description("train the network of a locked study out-of-fold, and wait for it")
      .requiredOption("--study <name>", "the study")
      .option("--trainable <what>", "head: the last unit; network: everything behind the frozen layers")
      .option("--frozen <n>", "how many of the first layers stay as they are", wholeNumber),
  );
  runCommand<TrainInput & { study: string }>(command, async ({ options: { study: name, ...given }, services }) => {
    const { study, actor } = await studyAsCommandLine(name);
    refuseUnlocked(study);
    const asked = parsed(trainInput, given);
    const { runId } = await withActor(actor, (tx) => queueTraining(tx, actor, asked));
    say(`Run ${runId} is queued.`);
    const run = await waitForRun(services, actor, runId);
    const { state, images, patients, folds, seed, environment, figures } = run;
    const { words, json } = markOf(run);
    return {
      json: { study: study.slug, run: run.id, state, images, patients, folds, seed, ...json, environment, figures },
      text: [...words, `Trained on ${images} images of ${patients} patients in ${folds} folds (seed ${seed}).`],
    };
  });
  return command;
}
