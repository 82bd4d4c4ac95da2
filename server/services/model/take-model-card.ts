import type { Locale } from "@/core/words";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { modelCard } from "./model-card";
import { onceJudged } from "./once-judged";

/**
 * The model card as a file for somebody, noted as handed out; figures that it lacks are computed first.
 * @param wait until an analysis is done, as of `onceJudged`
 * @throws AppError as `modelCard`, "unavailable" when a figure cannot be computed
 */
export async function takeModelCard(
  actor: StudyActor,
  options: { runId: string; locale: Locale },
  wait?: (analysisId: string) => Promise<unknown>,
): Promise<{ name: string; markdown: string }> {
  const { card } = await onceJudged(
    actor,
    async (tx) => {
      const found = await modelCard(tx, actor, options);
      if (found.card)
        await record(tx, "run.file_taken", { entity: "model_run", entityId: options.runId, detail: { kind: "card" } });
      return found;
    },
    wait,
  );
  return card;
}
