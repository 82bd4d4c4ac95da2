import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { LabelledCrop } from "@/server/services/dataset/find-labelled-crops";
import { type SplitCrops, splitCrops } from "@/server/services/dataset/split-crops";
import { noteLook } from "./note-look";
import { tellsTruth } from "./tells-truth";

/**
 * Splits labelled crops for whoever asks for a training (`splitCrops`), outside any transaction. A refusal that tells truths, as that there is no negative image, is a
 * look at them: it is noted before it is told.
 * @throws AppError as `splitCrops`
 */
export async function splitForTraining(
  actor: StudyActor,
  crops: readonly LabelledCrop[],
  config: Parameters<typeof splitCrops>[1],
): Promise<SplitCrops> {
  try {
    return await splitCrops(crops, config);
  } catch (error) {
    if (error instanceof AppError && tellsTruth(error.said)) await withActor(actor, (tx) => noteLook(tx, actor));
    throw error;
  }
}
