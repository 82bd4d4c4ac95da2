import { and, desc, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { nodeMatch, pathologyReport, specimen } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { ReportNode } from "@/server/schemas/pathology";
import { findNode } from "@/server/services/imaging/find-node";

/** The specimen of a subject by its label, made when it is new. */
async function ensureSpecimen(
  tx: Tx,
  actor: StudyActor,
  options: { subjectId: string; label: string },
): Promise<string> {
  await tx
    .insert(specimen)
    .values({ studyId: actor.studyId, ...options })
    .onConflictDoNothing();
  const [found] = await tx
    .select({ id: specimen.id })
    .from(specimen)
    .where(and(eq(specimen.subjectId, options.subjectId), eq(specimen.label, options.label)));
  if (!found) throw new AppError("unavailable", { key: "errors.specimen_not_saved" });
  return found.id;
}

/**
 * Matches a node to its specimen and reports it positive, negative, or not found (which excludes it, with a reason). Never changed: a correction
 * is a new report with a reason that points at the one before.
 */
export async function reportNode(tx: Tx, actor: StudyActor, options: ReportNode): Promise<void> {
  const found = await findNode(tx, actor, options);
  const name = `${found.subject} ${found.label}`;
  if (found.excluded) throw new AppError("conflict", { key: "errors.node_excluded_report", values: { node: name } });
  const [earlier] = await tx
    .select({ id: pathologyReport.id })
    .from(pathologyReport)
    .where(eq(pathologyReport.nodeId, found.id))
    .orderBy(desc(pathologyReport.reportedAt))
    .limit(1);
  if (earlier && !options.reason)
    throw new AppError("invalid", { key: "errors.correction_without_reason", values: { node: name } });
  if (options.specimen && options.confidence) {
    const specimenId = await ensureSpecimen(tx, actor, { subjectId: found.subjectId, label: options.specimen });
    await tx
      .insert(nodeMatch)
      .values({ studyId: actor.studyId, nodeId: found.id, specimenId, confidence: options.confidence });
  }
  await tx.insert(pathologyReport).values({
    studyId: actor.studyId,
    nodeId: found.id,
    result: options.result,
    reason: options.reason,
    supersedes: earlier?.id ?? null,
  });
  await record(tx, earlier ? "pathology.corrected" : "pathology.reported", {
    entity: "node",
    entityId: name,
    ...(earlier && options.reason ? { reason: options.reason } : {}),
  });
}
