import { toPatient, toPixel } from "@/core/dicom/plane";
import { dot } from "@/core/dicom/vector";
import type { ExamView } from "@/server/schemas/series";
import { type Choice, hasImages } from "./frames";

/** Another exam of the subject, as it is called beside the one that is open. */
export interface OtherExam {
  exam: ExamView;
  /** 1, 2, ... of so many exams of the subject, by day. */
  at: number;
  count: number;
  when: "earlier" | "later";
  /** Between both. */
  days: number;
}

const dayLength = 24 * 60 * 60 * 1000;

/** The other exams of a subject that can be shown, the first day first; of one day, as they were recorded. */
export function otherExams(exams: readonly ExamView[], examId: string): OtherExam[] {
  // They come the newest record first.
  const byDay = [...exams].reverse().sort((a, b) => a.performedOn.localeCompare(b.performedOn));
  const own = byDay.findIndex(({ id }) => id === examId);
  const day = ({ performedOn }: ExamView) => Date.parse(performedOn) / dayLength;
  return byDay.flatMap((exam, at): OtherExam[] =>
    at === own || !hasImages(exam)
      ? []
      : [
          {
            ...{ exam, at: at + 1, count: byDay.length, when: at < own ? "earlier" : "later" },
            days: Math.abs(day(exam) - day(byDay[own] ?? exam)),
          },
        ],
  );
}

/** Which of them is shown first: the one before, or else the one after. */
export const firstBeside = (others: readonly OtherExam[]): OtherExam | undefined =>
  others.findLast(({ when }) => when === "earlier") ?? others[0];

/**
 * The place in one stack that belongs to a place in another: where both are in one space (Frame of Reference), the image that lies nearest to the middle of the other's;
 * otherwise the one as far through its stack.
 */
export function placeBeside(from: Choice, at: number, to: Choice): number {
  const [frame, frames] = [from.frames[at], to.frames];
  const [first] = frames;
  if (!frame || !first) return 0;
  if (from.space !== null && from.space === to.space) {
    const { width, height } = frame.plane;
    const middle = toPatient(frame.plane, { x: (width - 1) / 2, y: (height - 1) / 2 });
    const away = frames.map(({ plane }) => Math.abs(toPixel(plane, middle).distance));
    return away.indexOf(Math.min(...away));
  }
  const share = from.frames.length > 1 ? at / (from.frames.length - 1) : 0.5;
  const isTurned = dot(frame.plane.normal, first.plane.normal) < 0;
  return Math.round((isTurned ? 1 - share : share) * (frames.length - 1));
}
