import { and, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { consentWithdrawal, study } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { findNode } from "./find-node";

/**
 * Where a crop comes: the node, named as people name it. Asked before an image is decoded, which is dear, and again where its crop is written.
 * @throws AppError "not_found" for a node that this role does not see, "locked" after the lock, "conflict" for an excluded node or a subject who
 * withdrew, "invalid" for an unknown plane
 */
export async function findCropPlace(
  tx: Tx,
  actor: StudyActor,
  { nodeId, plane }: { nodeId: string; plane: string },
): Promise<{ nodeId: string; name: string }> {
  const found = await findNode(tx, actor, { nodeId });
  const name = `${found.subject} ${found.label}`;
  const [of] = await tx.select({ state: study.state }).from(study).where(eq(study.id, actor.studyId));
  if (of?.state === "locked") throw new AppError("locked", { key: "errors.database.study_is_locked" });
  if (found.excluded) throw new AppError("conflict", { key: "errors.node_excluded_crop", values: { node: name } });
  const [withdrawn] = await tx
    .select({ id: consentWithdrawal.id })
    .from(consentWithdrawal)
    .where(and(eq(consentWithdrawal.studyId, actor.studyId), eq(consentWithdrawal.subjectId, found.subjectId)));
  if (withdrawn)
    throw new AppError("conflict", { key: "errors.database.consent_withdrawn", values: { subject: found.subject } });
  const { document } = await studyProtocol(tx, actor);
  if (!document.planes.some(({ key }) => key === plane))
    throw new AppError("invalid", {
      key: "errors.plane_unknown",
      values: { plane, known: document.planes.map(({ key }) => key).join(", ") },
    });
  return { nodeId: found.id, name };
}
