import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import {
  type AnsweredCriterion,
  assessEligibility,
  type Criterion,
  type CriterionAnswer,
  UnexplainedOverride,
} from "@/core/eligibility/assess";
import type { Tx } from "@/db/actor";
import { insertInChunks } from "@/db/insert-in-chunks";
import { hold } from "@/db/locks";
import { criterionEvaluation, eligibilityAssessment, exam, subject, subjectIdentity } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { type GivenValues, writeValues } from "./record-values";
import { valuesForCriteria } from "./subject-values";

export const statusOf = { eligible: "eligible", ineligible: "screen_failure", undecided: "screening" } as const;

export interface Assessed {
  answers: Readonly<Record<string, CriterionAnswer>>;
  /** Reasons for answers that contradict the record, by criterion. */
  overrides?: Readonly<Record<string, string>>;
}

/**
 * The verdict on a subject under the study's protocol, from the answers and what the record holds at this moment; kept with the criteria that
 * decided and, for computed ones, the values that they were computed from.
 */
export async function assess(tx: Tx, actor: StudyActor, options: Assessed & { subjectId: string }) {
  const protocol = await studyProtocol(tx, actor);
  const { criteria, baseline } = protocol.document;
  const { subjectId, answers, overrides = {} } = options;
  const unknown = [...Object.keys(answers), ...Object.keys(overrides)].filter(
    (key) => !criteria.some((criterion) => criterion.key === key),
  );
  if (unknown.length > 0)
    throw new AppError("invalid", {
      key: "errors.protocol_criterion_unknown",
      values: { criterion: unknown[0] ?? "" },
    });
  const values = await valuesForCriteria(tx, { studyId: actor.studyId, subjectId }, baseline);
  const { verdict, reasons, answered } = explained(criteria, () =>
    assessEligibility({ criteria, answers, values, overrides }),
  );
  const id = randomUUID();
  await tx.insert(eligibilityAssessment).values({
    id,
    studyId: actor.studyId,
    subjectId,
    protocolVersionId: protocol.id,
    answers,
    verdict,
    reasons,
  });
  await insertInChunks(tx, criterionEvaluation, evaluationsOf(answered, { studyId: actor.studyId, assessmentId: id }));
  return { verdict, reasons };
}

/** What the record answered, one row for each computed criterion. */
export const evaluationsOf = (
  answered: readonly AnsweredCriterion[],
  of: { studyId: string; assessmentId: string },
): (typeof criterionEvaluation.$inferInsert)[] =>
  answered.flatMap(({ key, computed, overrideReason }) =>
    computed ? [{ ...of, criterionKey: key, answer: computed.answer, used: computed.used, overrideReason }] : [],
  );

function explained<T>(criteria: readonly Criterion[], work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof UnexplainedOverride)) throw error;
    const text = criteria.find(({ key }) => key === error.criterion)?.text ?? error.criterion;
    throw new AppError("invalid", {
      key: "errors.answer_against_the_record",
      values: { criterion: text, computed: error.computed, answer: error.answer },
    });
  }
}

/** The next free number of a study, "001", "002", ...; numbers that were imported are passed over. */
async function nextNumber(tx: Tx, actor: StudyActor): Promise<string> {
  // One at a time for each study, so that two coordinators never draw the same number.
  await hold(tx, "records of a study", actor.studyId);
  const taken = new Set(
    (await tx.execute<{ number: string }>(sql`select number from nw.subject_numbers()`)).map((row) => row.number),
  );
  for (let n = taken.size + 1; ; n++) {
    const number = String(n).padStart(3, "0");
    if (!taken.has(number)) return number;
  }
}

/**
 * Screens a patient: the next number, every answer, what is known already of items and exam, the verdict with its reasons. A failed screening is kept
 * and counted.
 * @returns the number, e.g. "014"
 */
export async function screenSubject(
  tx: Tx,
  actor: StudyActor,
  options: Assessed & {
    identity: { name: string; hospitalNumber: string } | null;
    values?: GivenValues;
    exam?: { performedOn: string; scanner: string } | null;
  },
) {
  const number = await nextNumber(tx, actor);
  const id = randomUUID();
  const of = { studyId: actor.studyId, subjectId: id };
  await tx.insert(subject).values({ id, studyId: actor.studyId, siteId: actor.siteId, number });
  await writeValues(tx, actor, { subjectId: id, values: options.values ?? {}, reason: null, enrolled: false });
  if (options.exam) await tx.insert(exam).values({ ...of, ...options.exam });
  const { verdict } = await assess(tx, actor, { ...options, subjectId: id });
  await tx.update(subject).set({ status: statusOf[verdict] }).where(eq(subject.id, id));
  if (options.identity) await tx.insert(subjectIdentity).values({ ...of, ...options.identity });
  await record(tx, "subject.screened", { entity: "subject", entityId: number, detail: { verdict } });
  return { number, verdict };
}
