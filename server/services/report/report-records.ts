import { eq } from "drizzle-orm";
import { regimenInWords, wordsOf } from "@/core/protocol/regimen-in-words";
import { sizesInWords } from "@/core/reading/sizes-shown";
import type { ReportRecords } from "@/core/report/records";
import { sayIn } from "@/core/words";
import type { Tx } from "@/db/actor";
import { site, study, studyLock } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { flowDiagram } from "@/server/services/enrolment/flow-diagram";
import { sizesThatDiffer } from "@/server/services/reading/sizes-that-differ";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { companionResults } from "./companion-results";
import { reportBaseline } from "./report-baseline";

/**
 * What a report takes from the records, as counts and summaries, in the language of the actor: by the rights of whoever asks for it, so that it tells
 * nobody more than they may see.
 * @param options.runId the run that is the network, as for the comparison
 * @throws AppError "conflict" before the lock, and as `networkRun`
 */
export async function reportRecords(
  tx: Tx,
  actor: StudyActor,
  options: { runId?: string | undefined },
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
  const say = sayIn(actor.locale ?? "en");
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
        washOutDays,
        repeats,
      })),
      criteria: document.form.criteria.map(({ label }) => label),
      confidence: document.form.confidence !== undefined,
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
    },
    companions: await companionResults(tx, actor, options),
    sizes: (await sizesThatDiffer(tx, actor)).map((each) => say(sizesInWords(each))),
    baseline: await reportBaseline(tx, actor),
  };
}
