import { randomUUID } from "node:crypto";
import { eq, max } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { node, nodeSize } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { findSubject } from "@/server/services/enrolment/find-subject";
import { studyProtocol } from "@/server/services/study/study-protocol";

/**
 * Adds a target node of an enrolled subject with its region and short-axis diameter in mm.
 * @param options.shortAxisMm null: whoever calls writes it down, in the same transaction
 */
export async function addNode(
  tx: Tx,
  actor: StudyActor,
  options: { number: string; region: string | null; shortAxisMm: number | null },
) {
  const subject = await findSubject(tx, actor, options);
  if (subject.status !== "enrolled")
    throw new AppError("conflict", { key: "errors.subject_not_enrolled", values: { subject: subject.number } });
  const { document } = await studyProtocol(tx, actor);
  const regions = document.regions.map(({ key }) => key);
  if (regions.length > 0 && !regions.includes(options.region ?? "")) {
    throw new AppError("invalid", {
      key: "errors.region_unknown",
      values: { region: options.region ?? "", known: regions.join(", ") },
    });
  }
  await hold(tx, "nodes of a subject", subject.id);
  const [highest] = await tx
    .select({ ordinal: max(node.ordinal) })
    .from(node)
    .where(eq(node.subjectId, subject.id));
  const ordinal = (highest?.ordinal ?? 0) + 1;
  const id = randomUUID();
  const label = `N${ordinal}`;
  await tx
    .insert(node)
    .values({ id, studyId: actor.studyId, subjectId: subject.id, ordinal, label, region: options.region });
  const { shortAxisMm } = options;
  if (shortAxisMm !== null) await tx.insert(nodeSize).values({ studyId: actor.studyId, nodeId: id, shortAxisMm });
  await record(tx, "node.added", { entity: "node", entityId: `${subject.number} ${label}` });
  return { nodeId: id, label };
}
