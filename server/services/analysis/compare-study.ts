import { and, desc, eq } from "drizzle-orm";
import { seededRandom, seedOf } from "@/core/random";
import { compareReaders } from "@/core/stats/comparison/compare-readers";
import type { Tx } from "@/db/actor";
import { cropScore, modelRun, read } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { regimen } from "@/server/schemas/regimen";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { labelledCrops } from "./labelled-crops";

/** Every crop with its out-of-fold score of the newest finished run (or of `runId`); no scores when there is no such run. */
export async function scoredCrops(tx: Tx, actor: StudyActor, options: { runId?: string } = {}) {
  const [run] = await tx
    .select({ id: modelRun.id, config: modelRun.config, endedAt: modelRun.endedAt })
    .from(modelRun)
    .where(
      and(
        eq(modelRun.studyId, actor.studyId),
        eq(modelRun.state, "done"),
        options.runId ? eq(modelRun.id, options.runId) : undefined,
      ),
    )
    .orderBy(desc(modelRun.endedAt))
    .limit(1);
  const scores = run
    ? await tx
        .select({ cropId: cropScore.cropId, fold: cropScore.fold, score: cropScore.score })
        .from(cropScore)
        .where(eq(cropScore.runId, run.id))
    : [];
  return { run: run ? { id: run.id, endedAt: run.endedAt, config: regimen.parse(run.config) } : null, scores };
}

/**
 * Readers against network on the same images: every number of the comparison page, computed in `core/stats` from the stored records.
 * @throws AppError "conflict" before the lock
 */
export async function compareStudy(tx: Tx, actor: StudyActor, options: { runId?: string } = {}) {
  const { document, version, sha256 } = await studyProtocol(tx, actor);
  const crops = await labelledCrops(tx, actor);
  if (crops.length === 0) {
    throw new AppError(
      "conflict",
      "There is nothing to compare yet: the analysis opens when the database is locked and pathology has reported.",
    );
  }
  const known = new Set(crops.map((crop) => crop.cropId));
  const reads = await tx
    .select({
      reader: read.readerCode,
      condition: read.conditionKey,
      image: read.cropId,
      call: read.call,
      confidence: read.confidence,
      source: read.source,
    })
    .from(read)
    .where(eq(read.studyId, actor.studyId));
  const { run, scores } = await scoredCrops(tx, actor, options);
  const comparison = compareReaders({
    images: crops.map((crop) => ({
      id: crop.cropId,
      node: crop.nodeId,
      subject: crop.subjectId,
      plane: crop.plane,
      truth: crop.truth,
    })),
    reads: reads
      .filter((each) => known.has(each.image))
      .map((each) => ({ ...each, call: each.call === "positive" ? 1 : 0 })),
    scores: run
      ? scores.filter((each) => known.has(each.cropId)).map((each) => ({ image: each.cropId, score: each.score }))
      : null,
    threshold: run?.config.threshold ?? document.network.threshold,
    random: seededRandom(seedOf("comparison", actor.studyId)),
  });
  const readsFrom = Object.fromEntries(
    [...new Set(reads.map((each) => each.reader))].map((reader) => [
      reader,
      [...new Set(reads.filter((each) => each.reader === reader).map((each) => each.source))],
    ]),
  );
  return {
    ...comparison,
    about: {
      protocol: { key: document.key, version, sha256 },
      conditions: document.conditions.map(({ key, label, showsSize }) => ({ key, label, showsSize })),
      images: crops.length,
      nodes: new Set(crops.map((crop) => crop.nodeId)).size,
      patients: new Set(crops.map((crop) => crop.subjectId)).size,
      positiveImages: crops.filter((crop) => crop.truth === 1).length,
      run: run && {
        id: run.id,
        endedAt: run.endedAt,
        threshold: run.config.threshold,
        folds: run.config.folds,
        seed: run.config.seed,
      },
      readsFrom,
    },
  };
}
