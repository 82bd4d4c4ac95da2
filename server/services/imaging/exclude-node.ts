import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { nodeExclusion } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { findNode } from "./find-node";

/** Takes a node out of the study, with the reason. */
export async function excludeNode(
  tx: Tx,
  actor: StudyActor,
  options: { nodeId: string; reason: string },
): Promise<void> {
  await hold(tx, "records of a node", options.nodeId);
  const found = await findNode(tx, actor, options);
  if (found.excluded)
    throw new AppError("conflict", {
      key: "errors.node_excluded_already",
      values: { subject: found.subject, node: found.label, reason: found.excluded },
    });
  await tx.insert(nodeExclusion).values({ studyId: actor.studyId, nodeId: found.id, reason: options.reason });
  await record(tx, "node.excluded", {
    entity: "node",
    entityId: `${found.subject} ${found.label}`,
    reason: options.reason,
  });
}
