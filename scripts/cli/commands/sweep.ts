import { Command } from "commander";
import { withActor } from "@/server/door";
import { type SweepInput, type SweepResult, sweepInput } from "@/server/schemas/model";
import { queueSweep } from "@/server/services/model/queue-sweep";
import { sweepResult } from "@/server/services/model/sweep-result";
import { studyAsCommandLine } from "@/server/services/study/command-line";
import { markOf } from "../mark";
import { parsed, refuseUnlocked, wholeNumbers, withRegimenOptions } from "../options";
import { type Outcome, runCommand } from "../run-command";
import { say } from "../terminal";
import { waitForRun } from "../wait";

/** What the command says of a sweep, for programs and in words. Its runs share a snapshot, so the mark of one is that of all. */
export function sweepOutcome(study: string, result: SweepResult): Outcome {
  const { depths, nested, nestedReason } = result;
  const mark = depths[0] && markOf(depths[0].run);
  const area = (auc: { estimate: number | null } | undefined) => auc?.estimate?.toFixed(3) ?? "none";
  return {
    json: { study, ...mark?.json, ...result },
    text: [
      ...(mark?.words ?? []),
      ...depths.map(({ run: { config }, result, tuningAuc }) => {
        const frozen = config.trainable === "network" ? config.frozen : 0;
        return `${frozen} frozen: AUC ${area(result?.auc)}, on the tuning part ${tuningAuc?.toFixed(3) ?? "none"}`;
      }),
      nested
        ? `Chosen in each fold by its tuning part: AUC ${area(nested.result.auc)} (frozen ${nested.chosen.map(({ frozen }) => frozen).join(", ")}). The best of the lines above is flattered by the choice; this is not.`
        : `No nested choice: ${nestedReason}`,
    ],
  };
}

/** sweep --study NAME [--depths 0,1,2,3,5,7,9] ... */
export function sweepCommand(): Command {
  const command = withRegimenOptions(
    new Command("sweep")
      .description("train the network once for each number of frozen layers, all on one snapshot, and wait for all")
      .requiredOption("--study <name>", "the study")
      .option(
        "--depths <list>",
        "how many of the first layers stay as they are (default: 0,1,2,3,5,7,9)",
        wholeNumbers,
      ),
  );
  runCommand<Partial<SweepInput> & { study: string }>(
    command,
    async ({ options: { study: name, ...given }, services }) => {
      const { study, actor } = await studyAsCommandLine(name);
      refuseUnlocked(study);
      const asked = parsed(sweepInput, given);
      const { sweepId, runIds } = await withActor(actor, (tx) => queueSweep(tx, actor, asked));
      say(`Sweep ${sweepId} is queued: ${runIds.length} runs.`);
      for (const [index, runId] of runIds.entries()) {
        say(`Run ${runId}, ${asked.depths[index]} frozen:`);
        await waitForRun(services, actor, runId);
      }
      const result = await withActor(actor, (tx) => sweepResult(tx, actor, { sweepId }));
      return sweepOutcome(study.slug, result);
    },
  );
  return command;
}
