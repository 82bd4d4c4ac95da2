import { desc, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { person, protocolVersion, study } from "@/db/schema";
import type { StudyActor } from "@/server/door";

/** Every version of the study's protocol, newest first. */
export async function listProtocolVersions(tx: Tx, actor: StudyActor) {
  const rows = await tx
    .select({
      id: protocolVersion.id,
      version: protocolVersion.version,
      sha256: protocolVersion.sha256,
      reason: protocolVersion.reason,
      createdAt: protocolVersion.createdAt,
      createdBy: person.name,
      source: protocolVersion.source,
      currentId: study.protocolVersionId,
    })
    .from(protocolVersion)
    .innerJoin(study, eq(study.id, protocolVersion.studyId))
    .leftJoin(person, eq(person.id, protocolVersion.createdBy))
    .where(eq(protocolVersion.studyId, actor.studyId))
    .orderBy(desc(protocolVersion.createdAt));
  return rows.map(({ currentId, ...row }) => ({
    ...row,
    createdBy: row.createdBy,
    current: row.id === currentId,
  }));
}
