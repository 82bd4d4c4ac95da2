import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { findNode } from "@/server/services/imaging/find-node";
import { writeMeasurement } from "./write-measurement";

/** The size of a node as it was measured in an image (`writeMeasurement`). */
export async function measureNode(tx: Tx, actor: StudyActor, measured: Parameters<typeof writeMeasurement>[2]) {
  await hold(tx, "records of a node", measured.nodeId);
  const found = await findNode(tx, actor, measured);
  const size = await writeMeasurement(tx, actor, measured);
  await record(tx, "node.remeasured", { entity: "node", entityId: `${found.subject} ${found.label}` });
  return size;
}
