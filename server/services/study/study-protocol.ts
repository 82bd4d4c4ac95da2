import { eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { protocolVersion, study } from "@/db/schema";
import { AppError } from "@/server/errors";
import { protocol } from "@/server/schemas/protocol";

/** The protocol version that counts in a study now (or the one with the given id), parsed. */
export async function studyProtocol(tx: Tx, { studyId, versionId }: { studyId: string; versionId?: string }) {
  const [found] = await tx
    .select({
      id: protocolVersion.id,
      version: protocolVersion.version,
      sha256: protocolVersion.sha256,
      document: protocolVersion.document,
    })
    .from(protocolVersion)
    .innerJoin(study, eq(study.id, protocolVersion.studyId))
    .where(versionId ? eq(protocolVersion.id, versionId) : eq(protocolVersion.id, study.protocolVersionId));
  if (!found) throw new AppError("not_found", { key: "errors.study_without_protocol", values: { study: studyId } });
  return { ...found, document: protocol.parse(found.document) };
}
