import { and, asc, eq, getViewSelectedFields, sql } from "drizzle-orm";
import { offLargestOfRegion } from "@/core/imaging/largest-of-region";
import type { Tx } from "@/db/actor";
import { currentCrop, currentSize, node, nodeExclusion, subject } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import type { NodeView } from "@/server/schemas/imaging";
import { inUse } from "@/server/services/enrolment/in-use";
import { studyProtocol } from "@/server/services/study/study-protocol";

/** The enrolled subjects whose records may be used, and their nodes with size and crops, as far as this role sees them; with `number`, of that subject only. */
export async function listNodes(tx: Tx, actor: StudyActor, options: { number?: string } = {}) {
  const { document } = await studyProtocol(tx, actor);
  const ofSubject = options.number ? eq(subject.number, options.number) : undefined;
  const subjects = await tx
    .select({ number: subject.number })
    .from(subject)
    .where(and(eq(subject.studyId, actor.studyId), eq(subject.status, "enrolled"), inUse(subject.id), ofSubject))
    .orderBy(asc(subject.number));
  const nodes = await tx
    .select({
      id: node.id,
      subject: subject.number,
      label: node.label,
      region: node.region,
      shortAxisMm: currentSize.shortAxisMm,
      excluded: nodeExclusion.reason,
    })
    .from(node)
    .innerJoin(subject, eq(subject.id, node.subjectId))
    .leftJoin(currentSize, and(eq(currentSize.nodeId, node.id), eq(currentSize.studyId, node.studyId)))
    .leftJoin(nodeExclusion, eq(nodeExclusion.nodeId, node.id))
    .where(and(eq(node.studyId, actor.studyId), inUse(node.subjectId), ofSubject))
    .orderBy(asc(subject.number), asc(node.ordinal));
  const crops = await tx
    .select({ crop: getViewSelectedFields(currentCrop), name: sql<string>`${subject.number} || ' ' || ${node.label}` })
    .from(currentCrop)
    .innerJoin(node, eq(node.id, currentCrop.nodeId))
    .innerJoin(subject, eq(subject.id, node.subjectId))
    .where(and(eq(currentCrop.studyId, actor.studyId), inUse(node.subjectId)));
  const reported = new Set(
    (await tx.execute<{ node_id: string }>(sql`select node_id from nw.reported_nodes()`)).map((row) => row.node_id),
  );
  const namesByPixels = new Map<string, Set<string>>();
  const cropsByNode = new Map<string, typeof crops>();
  for (const row of crops) {
    const { pixelSha256 } = row.crop;
    if (pixelSha256 !== null)
      namesByPixels.set(pixelSha256, (namesByPixels.get(pixelSha256) ?? new Set()).add(row.name));
    cropsByNode.set(row.crop.nodeId, [...(cropsByNode.get(row.crop.nodeId) ?? []), row]);
  }
  const regions = new Map<string | null, string>(document.regions.map(({ key, label }) => [key, label]));
  const shown = nodes.map(
    (each): NodeView => ({
      ...each,
      region: regions.get(each.region) ?? each.region,
      reported: reported.has(each.id),
      crops: (cropsByNode.get(each.id) ?? []).map((row) => ({
        ...row.crop,
        sameAs: [...(namesByPixels.get(row.crop.pixelSha256 ?? "") ?? [])].filter((name) => name !== row.name),
      })),
    }),
  );
  return {
    planes: document.planes,
    regions: document.regions,
    lesion: document.lesion,
    subjects: subjects.map((each) => each.number),
    nodes: shown,
    selection: document.selection ? offLargestOfRegion(shown) : [],
  };
}
