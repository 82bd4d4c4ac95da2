import { and, eq, exists, sql } from "drizzle-orm";
import type { Protocol } from "@/core/protocol/protocol";
import { regimenInWords, wordsOf } from "@/core/protocol/regimen-in-words";
import { sizesInWords } from "@/core/reading/sizes-shown";
import type { ReportRecords } from "@/core/report/records";
import { sayIn } from "@/core/words";
import type { Tx } from "@/db/actor";
import { currentCrop, currentReport, site, studiedNode, study, studyLock } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { analysedCrops } from "@/server/services/analysis/analysed-crops";
import { flowDiagram } from "@/server/services/enrolment/flow-diagram";
import { listSignatures } from "@/server/services/reading/list-signatures";
import { readsInWashOut } from "@/server/services/reading/reads-in-wash-out";
import { sizesThatDiffer } from "@/server/services/reading/sizes-that-differ";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { findReadsAfterUnblinding } from "@/server/services/unblinding/reads-after-unblinding";
import { companionResults } from "./companion-results";
import { reportBaseline } from "./report-baseline";

type Asked = Pick<StudyActor, "studyId" | "locale">;

/**
 * What a report takes from the records, as counts and summaries, in the language of the report.
 * @param options.runId the run that is the network in its comparison; null: none is
 * @throws AppError "conflict" before the lock, and as `networkRun`
 */
export async function loadReportRecords(
  tx: Tx,
  actor: Asked,
  options: { runId: string | null },
): Promise<ReportRecords> {
  const { document } = await studyProtocol(tx, actor);
  const [about] = await tx
    .select({
      name: study.name,
      synthetic: study.synthetic,
      lockedAt: studyLock.lockedAt,
      lockReason: studyLock.reason,
    })
    .from(study)
    .innerJoin(studyLock, eq(studyLock.studyId, study.id))
    .where(eq(study.id, actor.studyId));
  if (!about) throw new AppError("conflict", { key: "errors.report_before_lock" });
  const sites = await tx.$count(site, eq(site.studyId, actor.studyId));
  const { failureReasons, nodesNotFound, ...flow } = await flowDiagram(tx, actor, { locked: true });
  const { crops, excluded } = await analysedCrops(tx, actor, document);
  const { exclusions = {}, notEvaluable = null } = document.analysis;
  const say = sayIn(actor.locale ?? "en");
  const kept = await washOutsKept(tx);
  const criteriaOf = (kind: "inclusion" | "exclusion") =>
    document.criteria.filter((criterion) => criterion.kind === kind).map(({ text }) => text);
  return {
    study: {
      name: about.name,
      synthetic: about.synthetic,
      sites,
      lockedAt: about.lockedAt.toISOString(),
      lockReason: about.lockReason,
    },
    protocol: {
      title: document.title,
      source: document.source ?? null,
      lesion: document.lesion,
      inclusion: criteriaOf("inclusion"),
      exclusion: criteriaOf("exclusion"),
      planes: document.planes.map(({ label }) => label),
      conditions: document.conditions.map(({ key, label, shows, washOutDays, repeats = null }) => ({
        key,
        label,
        shows,
        washOutDays: Math.min(washOutDays, kept.get(key) ?? washOutDays),
        repeats,
      })),
      repeats: document.reading.repeats
        ? { cases: document.reading.repeats.cases, apart: document.reading.repeats.apart }
        : null,
      criteria: document.form.criteria.map(({ label }) => label),
      confidence: document.form.confidence !== undefined,
      rating: ratingOf(document),
      notEvaluable: {
        rule: notEvaluable,
        asked: document.form.notEvaluable !== undefined,
        reasons: document.form.notEvaluable?.reasons.map(({ label }) => label) ?? [],
      },
      exclusions: {
        planes: labelled(document.planes, exclusions.planes),
        regions: labelled(document.regions, exclusions.regions),
        shortAxisBelowMm: exclusions.shortAxisBelowMm ?? null,
      },
      ruleSet: document.ruleSets.find(({ key }) => key === document.form.ruleSet)?.title ?? null,
      network: regimenInWords(document.network, wordsOf(say)).map(([label, text]) => ({
        label,
        text,
      })),
    },
    flow: {
      ...flow,
      failureReasons: failureReasons.map(({ text, count }) => ({ text, count })),
      nodesNotFound: nodesNotFound ?? 0,
      notAnalysed: await notAnalysed(tx, actor, { crops, excluded }),
    },
    companions: await companionResults(tx, actor, options),
    reading: await conductOfReading(tx),
    sizes: (await sizesThatDiffer(tx, actor)).map((each) => say(sizesInWords(each))),
    baseline: await reportBaseline(tx, actor),
  };
}

/** Days of wash-out by condition that were kept for every list of it: one that opened under an earlier version may have had a shorter one. */
async function washOutsKept(tx: Tx): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.execute<{ condition_key: string; days: string }>(sql`select * from nw.wash_outs_kept()`);
  return new Map(rows.map(({ condition_key, days }) => [condition_key, Number(days)]));
}

/** What is told of how the reads were made. */
async function conductOfReading(tx: Tx): Promise<ReportRecords["reading"]> {
  const signatures = await listSignatures(tx);
  const { told, patients } = await findReadsAfterUnblinding(tx);
  return {
    lists: signatures.length,
    signedLists: signatures.filter(({ signature }) => signature?.stands).length,
    inWashOut: (await readsInWashOut(tx)).size,
    afterUnblinding: { reads: told.size, patients },
  };
}

function ratingOf({ form: { rating } }: Protocol): ReportRecords["protocol"]["rating"] {
  if (!rating) return null;
  const { min, max, low, high, positiveFrom = null } = rating;
  return { min, max, low, high, positiveFrom };
}

const labelled = (options: readonly { key: string; label: string }[], keys: readonly string[] = []): string[] =>
  keys.map((key) => options.find((option) => option.key === key)?.label ?? key);

/** The studied nodes that pathology did not miss and no number rests on, by their first reason: no image, no reference standard, the plan. */
async function notAnalysed(
  tx: Tx,
  { studyId }: Asked,
  { crops, excluded }: Awaited<ReturnType<typeof analysedCrops>>,
): Promise<ReportRecords["flow"]["notAnalysed"]> {
  const studied = await tx
    .select({
      id: studiedNode.id,
      result: currentReport.result,
      hasImage: exists(
        tx
          .select({ id: currentCrop.id })
          .from(currentCrop)
          .where(and(eq(currentCrop.nodeId, studiedNode.id), eq(currentCrop.studyId, studyId))),
      ).mapWith(Boolean),
    })
    .from(studiedNode)
    .leftJoin(currentReport, and(eq(currentReport.nodeId, studiedNode.id), eq(currentReport.studyId, studyId)))
    .where(eq(studiedNode.studyId, studyId));
  const [analysed, byPlan] = [crops, excluded].map((of) => new Set(of.map(({ nodeId }) => nodeId)));
  const reasons = studied.flatMap(({ id, result, hasImage }) => {
    if (analysed?.has(id) || result === "not_found") return [];
    if (!hasImage) return ["noImage"];
    return [byPlan?.has(id) ? "byPlan" : "noReference"];
  });
  const count = (reason: keyof ReportRecords["flow"]["notAnalysed"]) =>
    reasons.filter((each) => each === reason).length;
  return { noImage: count("noImage"), noReference: count("noReference"), byPlan: count("byPlan") };
}
