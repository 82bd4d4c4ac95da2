import { and, eq } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Tx } from "@/db/actor";
import { node, nodeExclusion, person, study, subject } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { Passport, PassportNetwork } from "@/server/schemas/passport";
import { studyRole } from "@/server/schemas/study";
import { inUse } from "@/server/services/enrolment/in-use";
import { noteLook } from "@/server/services/model/note-look";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { cropsOf } from "./crops-of";
import { examsOf } from "./exams-of";
import { networkOf } from "./network-of";
import { partsSeen } from "./parts-seen";
import { pathologyOf } from "./pathology-of";
import { readsOf } from "./reads-of";
import { sizesOf } from "./sizes-of";

/**
 * Everything that is recorded of a node, from its patient to its score, as far as this role sees it elsewhere; each part that it does not see says why. Whoever sees
 * reads or scores has one look at the cases in the trail within a quarter of an hour, as on the page of the cases.
 * @throws AppError "not_found" for a node that this role does not see, or of a subject who withdrew the use of the records
 */
export async function viewPassport(tx: Tx, actor: StudyActor, { nodeId }: { nodeId: string }): Promise<Passport> {
  const { document } = await studyProtocol(tx, actor);
  const found = await findRecord(tx, actor, nodeId);
  const isLocked = found.state === "locked";
  const seen = partsSeen({ role: actor.role, isLocked });
  const withSources = seen("sources") === "seen";
  /** Asked for where it is seen; otherwise why it is not. */
  const part = async <T>(name: Parameters<typeof seen>[0], ask: () => Promise<T>) => {
    const answer = seen(name);
    return answer === "seen" ? ask() : answer;
  };
  const network = await part("network", () => networkOf(tx, actor, { nodeId }));
  if (seen("reads") === "seen") await noteLook(tx, { studyId: actor.studyId }, lookedAt(network));
  return {
    ...{ role: studyRole.parse(actor.role), isLocked, subject: found.subject, planes: document.planes },
    node: {
      ...found.node,
      region: document.regions.find(({ key }) => key === found.node.region)?.label ?? found.node.region,
    },
    exams: await part("exams", () =>
      examsOf(tx, actor, { subjectId: found.subjectId, withImages: withSources, imaging: document.imaging }),
    ),
    sizes: await part("sizes", () => sizesOf(tx, actor, { nodeId, withSources })),
    crops: await part("crops", () => cropsOf(tx, actor, { nodeId, withSources })),
    sources: seen("sources"),
    reads: await part("reads", () => readsOf(tx, actor, { nodeId, document })),
    pathology: await part("pathology", () => pathologyOf(tx, actor, { nodeId })),
    network,
  };
}

const lookedAt = (network: PassportNetwork | string) =>
  typeof network === "object" && network.run ? `cases ${network.run.id}` : "cases";

async function findRecord(tx: Tx, actor: StudyActor, nodeId: string) {
  const [adder, screener, excluder] = [alias(person, "adder"), alias(person, "screener"), alias(person, "excluder")];
  const [row] = await tx
    .select({
      node,
      by: adder.name,
      subject,
      screenedBy: screener.name,
      exclusion: nodeExclusion,
      excludedBy: excluder.name,
      state: study.state,
    })
    .from(node)
    .innerJoin(study, eq(study.id, node.studyId))
    .innerJoin(subject, eq(subject.id, node.subjectId))
    .leftJoin(adder, eq(adder.id, node.createdBy))
    .leftJoin(screener, eq(screener.id, subject.createdBy))
    .leftJoin(nodeExclusion, eq(nodeExclusion.nodeId, node.id))
    .leftJoin(excluder, eq(excluder.id, nodeExclusion.excludedBy))
    .where(and(eq(node.studyId, actor.studyId), eq(node.id, nodeId), inUse(node.subjectId)));
  if (!row) throw new AppError("not_found", { key: "errors.node_unknown" });
  const { node: of, subject: patient, exclusion, state } = row;
  return {
    state,
    subjectId: patient.id,
    subject: {
      ...{ number: patient.number, enrolledAt: patient.enrolledAt, by: row.screenedBy, at: patient.createdAt },
    },
    node: {
      ...{ id: of.id, label: of.label, region: of.region, by: row.by, at: of.createdAt },
      excluded: exclusion && { reason: exclusion.reason, by: row.excludedBy, at: exclusion.excludedAt },
    },
  };
}
