import { and, desc, eq } from "drizzle-orm";
import type { Plane } from "@/core/dicom/plane";
import { type Stack, stacksOf } from "@/core/dicom/stack";
import type { Tx } from "@/db/actor";
import { exam, heldImage, imageInstance, imageSeries, subject } from "@/db/schema";
import type { StudyActor } from "@/server/door";

/** A frame of an image, in the order in which a stack is scrolled through. */
export interface StackFrame {
  instanceId: string;
  /** 1, 2, ... within the image. */
  frame: number;
  plane: Plane;
}

export interface ListedSeries {
  id: string;
  modality: string | null;
  number: number | null;
  description: string | null;
  parameters: Record<string, number | string>;
  stacks: Stack<StackFrame>[];
  /** Images of which the file does not tell where they lie: they are seen, and nothing is measured in them. */
  withoutPlane: { instanceId: string; frame: number }[];
  /** Images that wait for a person. */
  held: number;
}

/** The images of a subject, exam by exam and series by series, the newest exam first. What is held is counted, and in no stack. */
export async function listSeries(tx: Tx, actor: StudyActor, { number }: { number: string }) {
  const exams = await tx
    .select({ id: exam.id, performedOn: exam.performedOn, scanner: exam.scanner })
    .from(exam)
    .innerJoin(subject, eq(subject.id, exam.subjectId))
    .where(and(eq(exam.studyId, actor.studyId), eq(subject.number, number)))
    .orderBy(desc(exam.recordedAt));
  return Promise.all(exams.map(async (each) => ({ ...each, series: await seriesOfExam(tx, actor, each.id) })));
}

async function seriesOfExam(tx: Tx, { studyId }: StudyActor, examId: string): Promise<ListedSeries[]> {
  const series = await tx
    .select({
      id: imageSeries.id,
      modality: imageSeries.modality,
      number: imageSeries.number,
      description: imageSeries.description,
      parameters: imageSeries.parameters,
    })
    .from(imageSeries)
    .where(and(eq(imageSeries.studyId, studyId), eq(imageSeries.examId, examId)))
    .orderBy(imageSeries.number, imageSeries.createdAt);
  const images = await tx
    .select({
      id: imageInstance.id,
      seriesId: imageInstance.seriesId,
      planes: imageInstance.planes,
      held: heldImage.instanceId,
    })
    .from(imageInstance)
    .innerJoin(imageSeries, eq(imageSeries.id, imageInstance.seriesId))
    .leftJoin(heldImage, eq(heldImage.instanceId, imageInstance.id))
    .where(and(eq(imageInstance.studyId, studyId), eq(imageSeries.examId, examId)))
    .orderBy(imageInstance.number, imageInstance.createdAt);
  return series.map((each) => {
    const own = images.filter(({ seriesId }) => seriesId === each.id);
    const frames = own
      .filter(({ held }) => held === null)
      .flatMap(({ id, planes }) =>
        planes.map((plane, at) => ({ instanceId: id, frame: at + 1, plane: plane ?? undefined })),
      );
    return {
      ...each,
      stacks: stacksOf(frames.flatMap(({ plane, ...frame }) => (plane ? [{ ...frame, plane }] : []))),
      withoutPlane: frames.flatMap(({ plane, ...frame }) => (plane ? [] : [frame])),
      held: own.filter(({ held }) => held !== null).length,
    };
  });
}
