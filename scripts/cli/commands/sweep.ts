import { Command } from "commander";
import { foldNumber } from "@/core/network/folds";
import { inEnglish } from "@/core/words/said";
import { expectedInWords } from "@/scripts/cli/expected";
import { markOf } from "@/scripts/cli/mark";
import { parsed, refuseUnlocked, wholeNumbers, withRegimenOptions } from "@/scripts/cli/options";
import { type Outcome, runCommand } from "@/scripts/cli/run-command";
import { say } from "@/scripts/cli/terminal";
import { waitForAnalysis, waitForRun } from "@/scripts/cli/wait";
import { words } from "@/scripts/cli/words";
import { type SweepInput, type SweepResult, sweepInput } from "@/server/schemas/model";
import { onceJudged } from "@/server/services/model/once-judged";
import { queueSweep } from "@/server/services/model/queue-sweep";
import { sweepResult } from "@/server/services/model/sweep-result";
import { studyOfCommand } from "@/server/services/study/study-of-command";

/** What the command says of a sweep, for programs and in words. Its runs share a snapshot, so the mark of one is that of all. */
export function sweepOutcome(study: string, result: SweepResult): Outcome {
  const { depths, nested, nestedReason } = result;
  const mark = depths[0] && markOf(depths[0].run);
  const area = (auc: { estimate: number | null } | undefined) => auc?.estimate?.toFixed(3) ?? words("none");
  return {
    json: {
      study,
      ...mark?.json,
      ...inEnglish(result),
      nested: nested && {
        ...inEnglish(nested),
        chosen: nested.chosen.map((each) => ({ ...each, fold: foldNumber(each.fold) })),
      },
    },
    text: [
      ...(mark?.words ?? []),
      ...depths.map(({ run: { config }, result, tuningAuc }) => {
        const frozen = config.trainable === "network" ? config.frozen : 0;
        return words("sweep.depth", { frozen, auc: area(result?.auc), tuning: tuningAuc?.toFixed(3) ?? words("none") });
      }),
      nested
        ? words("sweep.nested", {
            auc: area(nested.result.auc),
            frozen: nested.chosen.map(({ frozen }) => frozen).join(", "),
          })
        : words("sweep.no_nested", { reason: nestedReason ?? words("none") }),
    ],
  };
}

/** sweep --study NAME [--depths 0,1,2,3,5,7,9] ... */
export function sweepCommand(): Command {
  const command = withRegimenOptions(
    new Command("sweep")
      .description(words("sweep.about"))
      .requiredOption("--study <name>", words("option.study"))
      .option("--depths <list>", words("sweep.depths"), wholeNumbers),
  );
  runCommand<Partial<SweepInput> & { study: string }>(
    command,
    async ({ options: { study: name, ...given }, services }) => {
      const { study, actor } = await studyOfCommand(name, { command: "sweep" });
      refuseUnlocked(study);
      const asked = parsed(sweepInput, given);
      say(await expectedInWords(actor, asked, { depths: asked.depths }));
      const { sweepId, runIds } = await queueSweep(actor, asked);
      say(words("sweep.queued", { sweep: sweepId, runs: runIds.length }));
      for (const [index, runId] of runIds.entries()) {
        say(words("sweep.run", { run: runId, frozen: asked.depths[index] ?? "" }));
        await waitForRun(services, actor, runId);
      }
      const result = await onceJudged(
        actor,
        (tx) => sweepResult(tx, actor, { sweepId }),
        (analysisId) => waitForAnalysis(services, actor, analysisId),
      );
      return sweepOutcome(study.slug, result);
    },
  );
  return command;
}
