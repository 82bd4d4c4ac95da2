import { and, eq } from "drizzle-orm";
import { qualityReasonsOf } from "@/core/protocol/imaging";
import type { Tx } from "@/db/actor";
import { exam, imageQuality } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { studyProtocol } from "@/server/services/study/study-protocol";

/**
 * Whether the images of an exam can be judged, and by the keys of the protocol why not, or not well; a later verdict takes the place of an earlier one.
 * @throws AppError "not_found" for an exam that this role does not see, "invalid" for a reason that the protocol does not name
 */
export async function judgeQuality(
  tx: Tx,
  actor: StudyActor,
  { examId, verdict, reasons }: Pick<typeof imageQuality.$inferInsert, "examId" | "verdict" | "reasons">,
): Promise<void> {
  const [found] = await tx
    .select({ id: exam.id })
    .from(exam)
    .where(and(eq(exam.id, examId), eq(exam.studyId, actor.studyId)));
  if (!found) throw new AppError("not_found", { key: "errors.exam_unknown" });
  const { document } = await studyProtocol(tx, actor);
  const known = qualityReasonsOf(document.imaging, actor.locale ?? "en").map(({ key }) => key);
  const unknown = reasons.find((reason) => !known.includes(reason));
  if (unknown !== undefined)
    throw new AppError("invalid", {
      key: "errors.quality_reason_unknown",
      values: { reason: unknown, known: known.join(", ") },
    });
  // Its trail is read by those, too, who see no verdict before the lock.
  await tx.insert(imageQuality).values({ studyId: actor.studyId, examId, verdict, reasons });
  await record(tx, "image_quality.judged", { entity: "exam", entityId: examId });
}
