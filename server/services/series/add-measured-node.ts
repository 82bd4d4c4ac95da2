import { and, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { measurement, node } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { addNode } from "@/server/services/imaging/add-node";
import { writeMeasurement } from "./write-measurement";

/**
 * Adds a target node where it was found, with the size that was measured there (`addNode`, `writeMeasurement`).
 * @throws AppError "conflict" for the very axes of another node: a second click, a request that is sent again
 */
export async function addMeasuredNode(
  tx: Tx,
  actor: StudyActor,
  {
    number,
    region,
    ...measured
  }: { number: string; region: string | null } & Omit<Parameters<typeof writeMeasurement>[2], "nodeId">,
) {
  const { nodeId, label } = await addNode(tx, actor, { number, region, shortAxisMm: null });
  // After the lock that `addNode` holds.
  const { instanceId, frame, ends } = measured;
  const [before] = await tx
    .select({ label: node.label })
    .from(measurement)
    .innerJoin(node, eq(node.id, measurement.nodeId))
    .where(
      and(
        eq(measurement.studyId, actor.studyId),
        eq(measurement.instanceId, instanceId),
        eq(measurement.frame, frame),
        eq(measurement.ends, ends.flat()),
      ),
    );
  if (before) throw new AppError("conflict", { key: "errors.node_measured_already", values: { node: before.label } });
  return { nodeId, label, ...(await writeMeasurement(tx, actor, { nodeId, ...measured })) };
}
