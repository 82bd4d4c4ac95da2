import { eq } from "drizzle-orm";
import type { Protocol } from "@/core/protocol/protocol";
import { readProtocol } from "@/core/protocol/read-protocol";
import { inLanguage } from "@/core/protocol/text";
import type { Locale } from "@/core/words";
import type { Tx } from "@/db/actor";
import { protocolVersion, study } from "@/db/schema";
import { AppError } from "@/server/errors";

/** The protocol version that counts in a study now (or the one with the given id), in the language of whoever asks. */
export async function studyProtocol(
  tx: Tx,
  { studyId, versionId, locale = "en" }: { studyId: string; versionId?: string; locale?: Locale | undefined },
) {
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
  const document: Protocol = inLanguage(readProtocol(found.document), locale);
  return { ...found, document };
}
