import { randomUUID } from "node:crypto";
import { and, eq, or } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { protocolVersion, study } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { parseProtocol } from "./parse-protocol";

/** A new protocol version counts from here on; records made under earlier versions keep pointing at theirs. */
export async function addProtocolVersion(tx: Tx, actor: StudyActor, options: { source: string; reason: string }) {
  const { document, sha256 } = parseProtocol(options.source);
  const [same] = await tx
    .select({ version: protocolVersion.version })
    .from(protocolVersion)
    .where(
      and(
        eq(protocolVersion.studyId, actor.studyId),
        or(eq(protocolVersion.version, document.version), eq(protocolVersion.sha256, sha256)),
      ),
    );
  if (same) throw new AppError("conflict", { key: "errors.version_taken", values: { version: same.version } });
  const id = randomUUID();
  await tx.insert(protocolVersion).values({
    id,
    studyId: actor.studyId,
    version: document.version,
    sha256,
    document,
    source: options.source,
    reason: options.reason,
    createdBy: actor.personId,
  });
  await tx.update(study).set({ protocolVersionId: id }).where(eq(study.id, actor.studyId));
  await record(tx, "study.protocol_changed", {
    entity: "protocol_version",
    entityId: id,
    reason: options.reason,
    detail: { version: document.version, sha256 },
  });
  return { version: document.version };
}
