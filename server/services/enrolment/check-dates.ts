import { and, eq } from "drizzle-orm";
import { type RecordDate, recordDates } from "@/core/protocol/baseline";
import { problemOfConsent, problemOfRecordDay, problemsOfOrder } from "@/core/protocol/values";
import type { Said } from "@/core/words";
import type { Tx } from "@/db/actor";
import { consent } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { dayAtSite } from "@/server/services/study/day-at-site";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { currentExam } from "./current-exam";
import { ofItem } from "./of-item";
import { recordedValues } from "./recorded-values";

/**
 * The dates of a subject as they stand after what was just written in this transaction: none of these consents and exams in the future or before
 * the protocol's first day, each after those which it follows, and no exam before the consent unless there is a reason. Dates that are not written now are not judged anew.
 * @param written items and record dates that came in, by name
 * @throws AppError "invalid" naming each date, the other one and what to do
 */
export async function checkDates(
  tx: Tx,
  actor: StudyActor,
  {
    subjectId,
    items,
    days,
    reason,
  }: {
    subjectId: string;
    items: readonly string[];
    days: Partial<Record<RecordDate, string>>;
    reason: string | null;
  },
): Promise<void> {
  const { baseline } = (await studyProtocol(tx, actor)).document;
  const of = { studyId: actor.studyId, subjectId };
  const written = new Set([...items, ...Object.keys(days)]);
  const day = await dayAtSite(tx, actor);
  const [signed] = await tx
    .select({ signedOn: consent.signedOn })
    .from(consent)
    .where(and(eq(consent.studyId, of.studyId), eq(consent.subjectId, subjectId)));
  const dates = {
    ...(await recordedValues(tx, of)),
    consent_date: signed?.signedOn,
    mri_date: (await currentExam(tx, of))?.performedOn,
  };
  const impossible = [
    ...(["consent_date", "mri_date"] as const).flatMap((name) => {
      const problem = days[name] === undefined ? null : problemOfRecordDay(baseline, days[name], day);
      return problem ? [ofItem(recordDates[name], problem)] : [];
    }),
    ...problemsOfOrder(baseline, dates)
      .filter(({ name, follows }) => written.has(name) || written.has(follows))
      .map(({ label, problem }) => ofItem(label, problem)),
  ];
  const problems = impossible.length > 0 || reason !== null ? impossible : unusual(days);
  if (problems.length > 0) throw new AppError("invalid", { key: "errors.values_refused" }, problems);
}

/** What a reason would let pass. */
function unusual({ consent_date: consentSignedOn, mri_date: examOn }: Partial<Record<RecordDate, string>>): Said[] {
  const problem = consentSignedOn && examOn ? problemOfConsent({ consentSignedOn, examOn }) : null;
  return problem ? [ofItem(recordDates.mri_date, problem)] : [];
}
