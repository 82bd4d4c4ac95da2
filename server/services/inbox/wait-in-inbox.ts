import { and, eq, sql } from "drizzle-orm";
import type { DicomFile } from "@/core/dicom/data-set";
import { tagOf } from "@/core/dicom/dictionary";
import { identityOf } from "@/core/dicom/identity";
import { DicomRefusal } from "@/core/dicom/refusal";
import { hashedUid } from "@/core/dicom/uid";
import { text } from "@/core/dicom/values";
import { retentionOf } from "@/core/protocol/imaging";
import type { Said } from "@/core/words";
import { DatabaseError } from "@/db/actor";
import { imageInstance, inboxImage } from "@/db/schema";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { noteStored } from "@/server/services/imaging/note-stored";
import { noteStoring } from "@/server/services/imaging/note-storing";
import { storeFiles } from "@/server/services/imaging/store-files";
import { refuseWhenLocked } from "@/server/services/import/refuse-when-locked";
import { digestUnder } from "@/server/services/series/digest-under";
import { type PreparedImage, prepareImage } from "@/server/services/series/prepare-image";
import { readDicomImage } from "@/server/services/series/read-dicom-image";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { sha256 } from "@/server/sha256";

/** Where nobody is known yet, this stands for the number of the subject. */
const nobody = "WAITING";

/**
 * Takes an image that is of no subject or exam of the site yet, without its identity, to wait with those of the same study and patient (`matchInbox`, `turnAwayInbox`). Whom it says it is of stands
 * where coordinators of the site alone are told it. The same image again, or one that is in an exam already, changes nothing. Manages its own transactions.
 * @returns why it is not taken: it is no image
 */
export async function waitInInbox(
  actor: StudyActor & { siteId: string },
  bytes: Uint8Array,
): Promise<{ outcome: "waiting" | "known" | "refused"; reason: Said | null }> {
  const { key, options } = await withActor(actor, async (tx) => {
    await refuseWhenLocked(tx, actor);
    const [row] = await tx.execute<{ key: string }>(sql`select nw.deidentification_key() as key`);
    const { document } = await studyProtocol(tx, actor);
    return { key: Buffer.from(row?.key ?? "", "hex"), options: retentionOf(document.imaging) };
  });
  const digest = digestUnder(key);
  const sourceDigest = digest(sha256(bytes));
  const prepare = (read: DicomFile, offsetDays: number) =>
    prepareImage(read, { options, key, digest, offsetDays, subject: nobody });
  let read: DicomFile;
  let first: PreparedImage;
  try {
    read = readDicomImage(bytes);
    first = prepare(read, 0);
  } catch (error) {
    if (error instanceof DicomRefusal) return { outcome: "refused", reason: error.said };
    throw error;
  }
  const { data } = read;
  const { name = "", id = "", birthDate = "" } = identityOf(data);
  const whose = [name, id, birthDate, text(data, tagOf("StudyDate")) ?? ""];
  const uid = hashedUid(text(data, tagOf("StudyInstanceUID")) ?? "", key);
  const waiting = () =>
    withActor(actor, async (tx) => {
      const [known] = await tx
        .select({ id: imageInstance.id })
        .from(imageInstance)
        .where(and(eq(imageInstance.studyId, actor.studyId), eq(imageInstance.sourceDigest, sourceDigest)))
        .limit(1);
      if (known) return "known";
      const [name, id, born, day] = whose;
      const [place] = await tx.execute<{ inbox_id: string; days: number }>(
        sql`select * from nw.wait_in_inbox(${uid}, ${first.instance.patientDigest}, ${name}, ${id}, ${born}, ${day})`,
      );
      if (!place) throw new AppError("not_found", { key: "errors.inbox_unknown" });
      const [there] = await tx
        .select({ id: inboxImage.id })
        .from(inboxImage)
        .where(and(eq(inboxImage.inboxId, place.inbox_id), eq(inboxImage.sourceDigest, sourceDigest)));
      return there ? "known" : { inboxId: place.inbox_id, days: place.days };
    });
  const store = async (): Promise<"waiting" | "known"> => {
    const place = await waiting();
    if (place === "known") return place;
    const image = prepare(read, place.days);
    const attempt = await withActor(actor, (tx) => noteStoring(tx, [image.sha256]));
    await withActor(actor, async (tx) => {
      const stored = await storeFiles(tx, attempt, [{ sha256: image.sha256, bytes: image.file }]);
      await noteStored(
        tx,
        actor,
        stored.map((each) => ({ ...each, mediaType: "application/dicom" })),
      );
      await tx
        .insert(inboxImage)
        .values({
          ...{ studyId: actor.studyId, inboxId: place.inboxId, sha256: image.sha256, sourceDigest },
          ...{ holds: image.holds.filter((hold) => hold !== "other_patient"), bytes: image.file.length },
        })
        .onConflictDoNothing({ target: [inboxImage.inboxId, inboxImage.sourceDigest] });
    });
    return "waiting";
  };
  const outcome = await store().catch((error: unknown) => {
    if (!(error instanceof DatabaseError && error.constraint === "inbox_is_decided")) throw error;
    return store();
  });
  return { outcome, reason: null };
}
