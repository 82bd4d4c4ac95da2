import { setTimeout as wait } from "node:timers/promises";
import { Command, InvalidArgumentError } from "commander";
import { withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { trainInput } from "@/server/schemas/model";
import { runProgress } from "@/server/services/model/find-runs";
import { queueTraining } from "@/server/services/model/queue-training";
import { studyAsCommandLine } from "@/server/services/study/command-line";
import { runCommand } from "../run-command";
import { progressBar, say } from "../terminal";
import { spareWorker } from "../worker";

const wholeNumber = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("Give a whole number.");
  return Number(text);
};

const lookEveryMs = 500;

/** train --study NAME [--folds 5] [--seed N] [--epochs N] */
export function trainCommand(): Command {
  const command = new Command("train")
    .description("train the network of a locked study out-of-fold, and wait for it")
    .requiredOption("--study <name>", "the study")
    .option("--folds <n>", "folds, split by patient (default: the protocol's)", wholeNumber)
    .option("--seed <n>", "seed of split and training (default: the protocol's)", wholeNumber)
    .option("--epochs <n>", "epochs or iterations at most (default: the protocol's)", wholeNumber);
  runCommand<{ study: string; folds?: number; seed?: number; epochs?: number }>(
    command,
    async ({ options, services }) => {
      const { study, actor } = await studyAsCommandLine(options.study);
      if (study.state !== "locked") {
        throw new AppError(
          "conflict",
          `The database of "${study.name}" is not locked; training opens then. Lock it with: lock --study NAME`,
        );
      }
      const { study: _, ...given } = options;
      const asked = trainInput.safeParse(given);
      if (!asked.success) {
        throw new AppError(
          "invalid",
          asked.error.issues.map((issue) => `--${issue.path.join(".")}: ${issue.message}`).join("; "),
        );
      }
      const { runId } = await withActor(actor, (tx) => queueTraining(tx, actor, asked.data));
      say(`Run ${runId} is queued.`);

      const worker = spareWorker(services);
      const bar = progressBar();
      try {
        for (let afterLogId = 0; ; await wait(lookEveryMs)) {
          const { run, log } = await withActor(actor, (tx) => runProgress(tx, actor, { runId, afterLogId }));
          for (const { id, line } of log) {
            bar.end();
            say(`  ${line}`);
            afterLogId = id;
          }
          if (run.state === "running" && run.total > 0)
            bar.show({ name: run.phase ?? "training", done: run.done, total: run.total });
          if (run.state === "queued") worker.wanted();
          if (run.state === "done") {
            return {
              json: {
                study: study.slug,
                run: run.id,
                state: run.state,
                images: run.images,
                patients: run.patients,
                folds: run.folds,
                seed: run.seed,
                environment: run.environment,
                figures: run.figures,
              },
              text: [
                `Trained on ${run.images} images of ${run.patients} patients in ${run.folds} folds (seed ${run.seed}).`,
              ],
            };
          }
          if (run.state === "failed" || run.state === "cancelled") {
            throw new AppError(
              "unavailable",
              `Run ${run.id} ${run.state}${run.error ? `: ${run.error}` : ""}. The study is unchanged; correct the cause and train again.`,
            );
          }
          worker.check();
        }
      } finally {
        bar.end();
        await worker.stop();
      }
    },
  );
  return command;
}
