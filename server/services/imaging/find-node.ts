import { and, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { node, nodeExclusion, subject } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";

/** A node with its subject's number. @throws AppError "not_found" when there is none that this role can see */
export async function findNode(tx: Tx, actor: StudyActor, { nodeId }: { nodeId: string }) {
  const [found] = await tx
    .select({
      id: node.id,
      label: node.label,
      subjectId: node.subjectId,
      subject: subject.number,
      excluded: nodeExclusion.reason,
    })
    .from(node)
    .innerJoin(subject, eq(subject.id, node.subjectId))
    .leftJoin(nodeExclusion, eq(nodeExclusion.nodeId, node.id))
    .where(and(eq(node.studyId, actor.studyId), eq(node.id, nodeId)));
  if (!found) throw new AppError("not_found", { key: "errors.node_unknown" });
  return found;
}
