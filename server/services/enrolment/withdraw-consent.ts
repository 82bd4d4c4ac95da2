import { and, eq, sql } from "drizzle-orm";
import { hold } from "@/db/locks";
import { consent, consentWithdrawal, withdrawalScopes } from "@/db/schema";
import { record } from "@/server/audit";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { WithdrawInput } from "@/server/schemas/enrolment";
import { dayAtSite } from "@/server/services/study/day-at-site";
import { store } from "@/server/store";
import { findSubject } from "./find-subject";

/**
 * Records that a subject withdrew the consent, and how far; also after the lock. Manages its own transaction: who it is goes with the record, the images
 * when that is written. The same once more deletes what could not be deleted then.
 * @throws AppError "invalid" for a day in the future or before the consent, "conflict" when as much was withdrawn before
 */
export async function withdrawConsent(
  actor: StudyActor,
  { number, withdrawnOn, scope }: WithdrawInput,
): Promise<{ deleted: number }> {
  const subjectId = await withActor(actor, async (tx) => {
    await hold(tx, "records of a study", actor.studyId);
    const found = await findSubject(tx, actor, { number });
    const of = { studyId: actor.studyId, subjectId: found.id };
    const [signed] = await tx
      .select({ on: consent.signedOn })
      .from(consent)
      .where(and(eq(consent.studyId, of.studyId), eq(consent.subjectId, of.subjectId)));
    if (withdrawnOn > (await dayAtSite(tx, actor)))
      throw new AppError("invalid", { key: "errors.withdrawn_later", values: { day: withdrawnOn } });
    if (signed && withdrawnOn < signed.on)
      throw new AppError("invalid", {
        key: "errors.withdrawn_before_consent",
        values: { day: withdrawnOn, signed: signed.on },
      });
    const before = await tx
      .select({ scope: consentWithdrawal.scope })
      .from(consentWithdrawal)
      .where(and(eq(consentWithdrawal.studyId, of.studyId), eq(consentWithdrawal.subjectId, of.subjectId)));
    const widest = Math.max(...before.map((each) => withdrawalScopes.indexOf(each.scope)), -1);
    const isAgain = scope === "destroy" && widest === withdrawalScopes.indexOf(scope);
    if (!isAgain) {
      if (widest >= withdrawalScopes.indexOf(scope))
        throw new AppError("conflict", { key: "errors.database.withdrawn_before" });
      await tx.insert(consentWithdrawal).values({ ...of, withdrawnOn, scope });
      await record(tx, "consent.withdrawn", {
        entity: "subject",
        entityId: found.number,
        detail: { scope, withdrawnOn },
      });
    }
    return found.id;
  });
  return withActor(actor, async (tx) => {
    const toDelete = () =>
      tx.execute<{ sha256: string }>(sql`select sha256 from nw.images_to_delete(${subjectId}) order by 1`);
    for (const { sha256 } of await toDelete()) await hold(tx, "a stored file", sha256);
    // Whoever stored the same bytes meanwhile for somebody else has named them by now (`storeFiles`), or stores them after.
    const images = await toDelete();
    for (const { sha256 } of images) await store.delete(sha256);
    return { deleted: images.length };
  });
}
