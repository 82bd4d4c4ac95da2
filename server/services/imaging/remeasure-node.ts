import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { nodeSize } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { findNode } from "./find-node";

/** A new measurement of a node's short axis in mm; the earlier one stays, the newest counts. */
export async function remeasureNode(
  tx: Tx,
  actor: StudyActor,
  options: { nodeId: string; shortAxisMm: number },
): Promise<void> {
  await hold(tx, "records of a node", options.nodeId);
  const found = await findNode(tx, actor, options);
  await tx.insert(nodeSize).values({ studyId: actor.studyId, nodeId: found.id, shortAxisMm: options.shortAxisMm });
  await record(tx, "node.remeasured", { entity: "node", entityId: `${found.subject} ${found.label}` });
}
