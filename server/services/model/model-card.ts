import { asc, eq } from "drizzle-orm";
import type { Locale } from "@/core/words";
import type { Tx } from "@/db/actor";
import { datasetItem, runFold, study as studyTable } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { PendingJudgement } from "@/server/schemas/model";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { type CardFacts, cardInMarkdown } from "./card-in-markdown";
import { cautionsOf } from "./cautions-of";
import { contradictionsOfRun } from "./contradictions-of-run";
import { doneRun } from "./done-run";
import { findJudgedRuns } from "./find-judged-runs";
import { findRuns } from "./find-runs";
import { sweepResult } from "./sweep-result";

/**
 * The model card of a run that is done, in Markdown: what it is, what it may be used for, its data, split, regimen, figures and limits, from the
 * records and nothing else. The same records give the same card in the same language.
 * @returns `card` null while figures of it are to be computed
 * @throws AppError "not_found" without such a run, "conflict" while it is not done
 */
export async function modelCard(
  tx: Tx,
  actor: StudyActor,
  { runId, locale }: { runId: string; locale: Locale },
): Promise<{ card: { name: string; markdown: string }; pending: null } | { card: null; pending: PendingJudgement }> {
  const run = await doneRun(tx, actor, runId);
  const [study] = await tx
    .select({ name: studyTable.name, slug: studyTable.slug, synthetic: studyTable.synthetic })
    .from(studyTable)
    .where(eq(studyTable.id, actor.studyId));
  if (!study) throw new AppError("not_found", { key: "errors.study_unknown", values: { study: actor.studyId } });
  const { document, version, sha256 } = await studyProtocol(tx, actor);
  const items = await tx
    .select()
    .from(datasetItem)
    .where(eq(datasetItem.snapshotId, run.snapshotId))
    .orderBy(asc(datasetItem.position));
  const folds = await tx.select().from(runFold).where(eq(runFold.runId, run.id)).orderBy(asc(runFold.fold));
  const runs = await findRuns(tx, actor);
  const companions = runs
    .filter(({ companionOf }) => companionOf === run.id)
    .toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  const done = companions.filter(({ state }) => state === "done").map(({ id }) => id);
  const figures = await findJudgedRuns(tx, actor, [run.id, ...done]);
  const sweep = run.sweepId === null ? null : await sweepResult(tx, actor, { sweepId: run.sweepId });
  const resultOf = new Map(figures.results.map(({ runId, result }) => [runId, result]));
  const pending = figures.pending ?? sweep?.pending;
  if (pending) return { card: null, pending };
  const own = resultOf.get(run.id);
  if (!own) throw new AppError("unavailable", { key: "errors.analysis_failed" });
  const facts: CardFacts = {
    study,
    protocol: { key: document.key, version, sha256 },
    run,
    items,
    folds,
    result: own,
    cautions: cautionsOf(run),
    contradictions: await contradictionsOfRun(tx, actor, { runId: run.id }),
    rivals: runs.filter(({ id, state, companionOf }) => id !== run.id && state === "done" && companionOf === null)
      .length,
    companions: companions.map((companion) => {
      const result = resultOf.get(companion.id);
      const beside = figures.differences.find(({ first, second }) => first === run.id && second === companion.id);
      return { run: companion, compared: result && beside ? { result, ...beside } : null };
    }),
    sweep,
  };
  const name = `${study.slug}-run-${run.id.slice(0, 8)}-card${study.synthetic ? "-synthetic" : ""}.md`;
  return { card: { name, markdown: cardInMarkdown(facts, locale) }, pending: null };
}
