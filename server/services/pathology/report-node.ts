import { randomUUID } from "node:crypto";
import { and, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { currentMatch, currentReport, nodeMatch, pathologyReport, specimen } from "@/db/schema";
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

/** Says that a node of the images is this specimen. @returns the id of the match */
async function matchSpecimen(
  tx: Tx,
  actor: StudyActor,
  found: { id: string; subjectId: string },
  {
    specimen: label,
    confidence,
    sharedReason,
  }: { specimen: string; confidence: NonNullable<ReportNode["confidence"]>; sharedReason: string | null },
): Promise<string> {
  const specimenId = await ensureSpecimen(tx, actor, { subjectId: found.subjectId, label });
  const id = randomUUID();
  await tx
    .insert(nodeMatch)
    .values({ id, studyId: actor.studyId, nodeId: found.id, specimenId, confidence, sharedReason });
  return id;
}

/** The match of a node that counts, when there is one. */
async function currentMatchOf(tx: Tx, nodeId: string): Promise<string | null> {
  const [match] = await tx.select({ id: currentMatch.id }).from(currentMatch).where(eq(currentMatch.nodeId, nodeId));
  return match?.id ?? null;
}

/**
 * Matches a node to its specimen and reports it positive, negative, or not found (which excludes it, with a reason). Never changed: a correction
 * is a new report with a reason that points at the one before. The reason may tell the result: it stands with the report, not in the trail, which is seen
 * before the lock.
 * @throws AppError "conflict" for an excluded node, "invalid" for a correction without its reason; DatabaseError NW004 for a specimen that is another
 * node already, without a reason
 */
export async function reportNode(tx: Tx, actor: StudyActor, options: ReportNode): Promise<void> {
  await hold(tx, "records of a node", options.nodeId);
  const found = await findNode(tx, actor, options);
  const name = `${found.subject} ${found.label}`;
  if (found.excluded) throw new AppError("conflict", { key: "errors.node_excluded_report", values: { node: name } });
  const [earlier] = await tx
    .select({ id: currentReport.id })
    .from(currentReport)
    .where(and(eq(currentReport.nodeId, found.id), eq(currentReport.studyId, actor.studyId)));
  if (earlier && !options.reason)
    throw new AppError("invalid", { key: "errors.correction_without_reason", values: { node: name } });
  const made =
    options.specimen && options.confidence
      ? await matchSpecimen(tx, actor, found, {
          specimen: options.specimen,
          confidence: options.confidence,
          sharedReason: options.sharedReason || null,
        })
      : null;
  await tx.insert(pathologyReport).values({
    studyId: actor.studyId,
    nodeId: found.id,
    matchId: options.result === "not_found" ? null : (made ?? (await currentMatchOf(tx, found.id))),
    result: options.result,
    reason: options.reason,
    supersedes: earlier?.id ?? null,
  });
  await record(tx, earlier ? "pathology.corrected" : "pathology.reported", {
    entity: "node",
    entityId: name,
  });
}
