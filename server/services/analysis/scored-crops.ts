import type { Tx } from "@/db/actor";
import { scoredImages } from "@/server/services/model/scored-images";
import { type InStudy, networkRun } from "./network-run";

/** Every crop with its out-of-fold score of the run that speaks for the network (or of `runId`); no scores when there is no such run. */
export async function scoredCrops(tx: Tx, actor: InStudy, options: { runId?: string | undefined } = {}) {
  const run = await networkRun(tx, actor, options);
  const scores = run ? ((await scoredImages(tx, actor, [run.id])).get(run.id) ?? []) : [];
  return { run, scores };
}
