import { and, desc, eq, inArray } from "drizzle-orm";
import type { Locale } from "@/core/words";
import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { job, report } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { queueJob } from "@/server/jobs";
import { requestComparison } from "@/server/services/analysis/request-comparison";
import { reportRecords } from "./report-records";

/**
 * Has the paper of a study made by the worker, out of the comparison, which is computed first where it is not there, and of the records as they are now.
 * One that is being made is not made twice.
 * @param options.runId another run than the newest that speaks for the network
 * @returns the report, whose id is its job's
 * @throws AppError "conflict" before the lock, and as `requestComparison`
 */
export async function requestReport(
  tx: Tx,
  actor: StudyActor,
  options: { runId?: string | undefined; language: Locale },
): Promise<{ reportId: string }> {
  const { runId, language } = options;
  await hold(tx, "reports of a study", actor.studyId);
  const records = await reportRecords(tx, { ...actor, locale: language }, { runId });
  const { analysisId } = await requestComparison(tx, actor, { runId });
  const [same] = await tx
    .select({ id: report.id })
    .from(report)
    .innerJoin(job, eq(job.id, report.id))
    .where(
      and(
        eq(report.studyId, actor.studyId),
        eq(report.analysisId, analysisId),
        eq(report.language, language),
        inArray(job.state, ["queued", "running"]),
      ),
    )
    .orderBy(desc(job.createdAt))
    .limit(1);
  if (same) return { reportId: same.id };
  const id = await queueJob(tx, actor, { kind: "report" });
  await tx.insert(report).values({ id, studyId: actor.studyId, analysisId, language, records });
  await record(tx, "report.queued", { entity: "report", entityId: id, detail: { analysis: analysisId, language } });
  return { reportId: id };
}
