import { and, eq, sql } from "drizzle-orm";
import type { DataSet } from "@/core/dicom/data-set";
import { tagOf } from "@/core/dicom/dictionary";
import { identityOf } from "@/core/dicom/identity";
import { text } from "@/core/dicom/values";
import type { Said } from "@/core/words";
import type { Tx } from "@/db/actor";
import { consentWithdrawal, exam, subject } from "@/db/schema";
import { type StudyActor, withActor } from "@/server/door";

/** The exam that an image belongs to. */
export interface ImagePlace {
  examId: string;
  subjectId: string;
  /** Number of the subject. */
  subject: string;
  /** YYYY-MM-DD. */
  day: string;
}

/** What counts for every file of those that come together, and where others of them went. */
export interface Placing {
  given: { subject?: string | undefined; day?: string | undefined };
  /** By the number and the day that files carry. */
  places: Map<string, ImagePlace>;
}

/**
 * Finds the exam of an image that nobody put there by hand: the subject by the number that the file carries, the exam by its day. What is given counts for every file.
 * Manages its own transaction.
 * @returns why it goes nowhere: the file names nobody, somebody else or several, or the subject withdrew
 */
export async function placeImage(
  actor: StudyActor,
  data: DataSet,
  { given, places }: Placing,
): Promise<ImagePlace | Said> {
  const carried = JSON.stringify([identityOf(data).id, dayOf(data)]);
  const known = places.get(carried);
  if (known) return known;
  const place = await withActor(actor, (tx) => findPlace(tx, actor, data, given));
  if ("examId" in place) places.set(carried, place);
  return place;
}

async function findPlace(
  tx: Tx,
  actor: StudyActor,
  data: DataSet,
  given: Placing["given"],
): Promise<ImagePlace | Said> {
  const number = given.subject ?? (await subjectOfFile(tx, data));
  if (typeof number !== "string") return number;
  const [withdrawn] = await tx
    .select({ id: consentWithdrawal.id })
    .from(consentWithdrawal)
    .innerJoin(subject, eq(subject.id, consentWithdrawal.subjectId))
    .where(and(eq(subject.studyId, actor.studyId), eq(subject.number, number)))
    .limit(1);
  if (withdrawn) return { key: "errors.database.consent_withdrawn", values: { subject: number } };
  const day = given.day ?? dayOf(data);
  if (!day) return { key: "dicom.refused.no_day" };
  const exams = await tx
    .select({ examId: exam.id, subjectId: subject.id })
    .from(exam)
    .innerJoin(subject, eq(subject.id, exam.subjectId))
    .where(and(eq(exam.studyId, actor.studyId), eq(subject.number, number), eq(exam.performedOn, day)));
  const [found, ...others] = exams;
  if (!found) return { key: "dicom.refused.no_exam", values: { subject: number, day } };
  if (others.length > 0)
    return { key: "dicom.refused.several_exams", values: { subject: number, day, exams: exams.length } };
  return { ...found, subject: number, day };
}

async function subjectOfFile(tx: Tx, data: DataSet): Promise<string | Said> {
  const { id } = identityOf(data);
  if (!id?.trim()) return { key: "dicom.refused.no_number" };
  const subjects = await tx.execute<{ number: string }>(sql`select number from nw.subjects_of_number(${id})`);
  const [found, ...others] = subjects;
  if (!found) return { key: "dicom.refused.unknown_number" };
  if (others.length === 0) return found.number;
  return {
    key: "dicom.refused.several_subjects",
    values: { subjects: subjects.map(({ number }) => number).join(", ") },
  };
}

/** Study Date as YYYY-MM-DD; dots between its parts are of DICOM's predecessor. */
function dayOf(data: DataSet): string | undefined {
  const parts = /^(\d{4})\.?(\d{2})\.?(\d{2})$/.exec(text(data, tagOf("StudyDate")) ?? "");
  return parts?.slice(1).join("-");
}
