import { randomUUID } from "node:crypto";
import { and, eq, notInArray, sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { exam, inboxImage, inboxOutcome, inboxStudy, subject } from "@/db/schema";
import { record } from "@/server/audit";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { largestImageFile } from "@/server/schemas/series";
import { beginUpload } from "@/server/services/series/begin-upload";
import type { Waited } from "@/server/services/series/prepare-image";
import { takeFile } from "@/server/services/series/take-file";
import { readObject } from "@/server/store";
import { toldInbox } from "./told-inbox";

/** Images that are looked up at once. */
const atOnce = 500;

export type MatchedInbox = Record<"accepted" | "known" | "held" | "refused", number>;

/**
 * Puts what waits into an exam: each image as if it had come for it (`takeFile`), with the dates of its subject. What came meanwhile goes with it. Broken off, it goes on when it is asked for again. Manages
 * its own transactions.
 * @returns how many images became what; the report of the upload says each
 * @throws AppError "not_found" for what this role does not see, or for its exam; "conflict" where it was decided before, and DatabaseError inbox_goes_elsewhere while it is put into another
 */
export async function matchInbox(
  actor: StudyActor,
  { inboxId, examId, by }: { inboxId: string; examId: string; by: "person" | "rule" },
): Promise<MatchedInbox> {
  const told = (await toldInbox(actor)).find((each) => each.inboxId === inboxId);
  if (!told) throw new AppError("not_found", { key: "errors.inbox_unknown" });
  const { name, hospitalNumber: id, birthDate, days } = told;
  const identity = {
    name: name || undefined,
    id: id || undefined,
    birthDate: birthDate || undefined,
    otherIds: [],
    sex: undefined,
  };
  const attempt = randomUUID();
  const { uploadId } = await withActor(actor, async (tx) => {
    await refuseOtherSite(tx, actor, { inboxId, examId });
    await tx.execute(sql`select nw.begin_match(${inboxId}, ${examId}, ${attempt})`);
    return beginUpload(tx, actor, { examId, source: "network" });
  });
  try {
    return await putInto(actor, { inboxId, examId, uploadId, attempt, by, identity, days });
  } finally {
    await withActor(actor, (tx) => tx.execute(sql`select nw.end_match(${inboxId}, ${attempt})`));
  }
}

async function putInto(
  actor: StudyActor,
  of: { inboxId: string; examId: string; uploadId: string; attempt: string; by: string } & Pick<
    Waited,
    "identity" | "days"
  >,
): Promise<MatchedInbox> {
  const { inboxId, uploadId, identity, days } = of;
  const taken = new Set<string>();
  const counts: MatchedInbox = { accepted: 0, known: 0, held: 0, refused: 0 };
  for (;;) {
    const images = await withActor(actor, async (tx) => {
      await hold(tx, "what waits", inboxId);
      // Two put it into the same exam: it is there.
      if (taken.size > 0 && (await outcomeOf(tx, actor, inboxId))?.examId === of.examId) return [];
      const left = await imagesOf(tx, actor, inboxId, taken);
      if (left.length > 0 && taken.size > 0)
        await tx.execute(sql`select nw.begin_match(${inboxId}, ${of.examId}, ${of.attempt})`);
      // What is refused stays where it is until a person turns it away: whoever sent it was told that it is safe.
      if (left.length === 0 && counts.refused === 0) await decide(tx, actor, { ...of, counts });
      return left;
    });
    if (images.length === 0) return counts;
    for (const image of images) {
      const bytes = await readObject(image.sha256, { limit: largestImageFile });
      taken.add(image.id);
      const { sourceDigest, holds } = image;
      const { outcome } = await takeFile(actor, {
        ...{ uploadId, ordinal: taken.size, bytes },
        waited: { identity, days, sourceDigest, holds },
      });
      counts[outcome]++;
    }
  }
}

/** The database refuses it, too, but after the images were taken. */
async function refuseOtherSite(
  tx: Tx,
  { studyId }: StudyActor,
  of: { inboxId: string; examId: string },
): Promise<void> {
  const [place] = await tx
    .select({ site: subject.siteId })
    .from(exam)
    .innerJoin(subject, eq(subject.id, exam.subjectId))
    .where(and(eq(exam.studyId, studyId), eq(exam.id, of.examId)));
  if (!place) throw new AppError("not_found", { key: "errors.exam_unknown" });
  const [waiting] = await tx
    .select({ site: inboxStudy.siteId })
    .from(inboxStudy)
    .where(and(eq(inboxStudy.studyId, studyId), eq(inboxStudy.id, of.inboxId)));
  if (place.site !== null && place.site !== waiting?.site)
    throw new AppError("conflict", { key: "errors.database.inbox_of_another_site" });
}

const imagesOf = (tx: Tx, { studyId }: StudyActor, inboxId: string, taken: ReadonlySet<string>) =>
  tx
    .select({
      id: inboxImage.id,
      sha256: inboxImage.sha256,
      sourceDigest: inboxImage.sourceDigest,
      holds: inboxImage.holds,
    })
    .from(inboxImage)
    .where(
      and(
        eq(inboxImage.studyId, studyId),
        eq(inboxImage.inboxId, inboxId),
        taken.size > 0 ? notInArray(inboxImage.id, [...taken]) : undefined,
      ),
    )
    .orderBy(inboxImage.receivedAt)
    .limit(atOnce);

async function outcomeOf(tx: Tx, { studyId }: Pick<StudyActor, "studyId">, inboxId: string) {
  const [outcome] = await tx
    .select({ examId: inboxOutcome.examId })
    .from(inboxOutcome)
    .where(and(eq(inboxOutcome.studyId, studyId), eq(inboxOutcome.inboxId, inboxId)));
  return outcome;
}

async function decide(
  tx: Tx,
  { studyId }: StudyActor,
  { inboxId, examId, by, counts }: { inboxId: string; examId: string; by: string; counts: MatchedInbox },
): Promise<void> {
  if (await outcomeOf(tx, { studyId }, inboxId)) throw new AppError("conflict", { key: "errors.inbox_decided" });
  await tx.insert(inboxOutcome).values({ inboxId, studyId, outcome: "matched", examId });
  await record(tx, "inbox.matched", { entity: "exam", entityId: examId, detail: { by, ...counts } });
}
