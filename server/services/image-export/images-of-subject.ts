import { and, asc, eq } from "drizzle-orm";
import { stacksOf } from "@/core/dicom/stack";
import type { Tx } from "@/db/actor";
import { currentImage, exam, heldImage, imageQuality, imageSeries } from "@/db/schema";
import type { StudyActor } from "@/server/door";

/** Images of a series that lie behind each other, in their order along the normal. */
export interface ExportedStack {
  /** By plane and number of the series; once in its exam. */
  name: string;
  about: {
    seriesInstanceUid: string;
    modality: string | null;
    seriesNumber: number | null;
    description: string | null;
    /** Of its first image, by the figure of the protocol. */
    parameters: Record<string, number>;
    plane: string | null;
    /** Degrees off that plane, and mm from one image to the next. */
    tiltDegrees: number | null;
    stepMm: number | null;
  };
  images: { id: string; sha256: string }[];
}

export interface ExportedExam {
  /** As its folder is called. */
  label: string;
  /** Whether it can be judged, as was found last. */
  quality: string | null;
  stacks: ExportedStack[];
}

type Image = Pick<typeof currentImage.$inferSelect, "id" | "sha256" | "planes">;

/** The images of a subject, exam by exam where there are any, without those that are held; how many are is told. */
export async function imagesOfSubject(
  tx: Tx,
  { studyId }: StudyActor,
  { subjectId }: { subjectId: string },
): Promise<{ exams: ExportedExam[]; held: number }> {
  const exams = await tx
    .select({ id: exam.id })
    .from(exam)
    .where(and(eq(exam.studyId, studyId), eq(exam.subjectId, subjectId)))
    .orderBy(asc(exam.recordedAt), asc(exam.id));
  const verdicts = await tx
    .select({ examId: imageQuality.examId, verdict: imageQuality.verdict })
    .from(imageQuality)
    .innerJoin(exam, eq(exam.id, imageQuality.examId))
    .where(and(eq(imageQuality.studyId, studyId), eq(exam.subjectId, subjectId)))
    .orderBy(asc(imageQuality.judgedAt), asc(imageQuality.id));
  const images = await tx
    .select({
      series: imageSeries,
      image: { id: currentImage.id, sha256: currentImage.sha256, planes: currentImage.planes },
      held: heldImage.instanceId,
    })
    .from(currentImage)
    .innerJoin(imageSeries, eq(imageSeries.id, currentImage.seriesId))
    .innerJoin(exam, eq(exam.id, imageSeries.examId))
    .leftJoin(heldImage, eq(heldImage.instanceId, currentImage.id))
    .where(and(eq(currentImage.studyId, studyId), eq(exam.subjectId, subjectId)))
    .orderBy(asc(imageSeries.number), asc(imageSeries.uid), asc(currentImage.number), asc(currentImage.uid));
  const quality = new Map(verdicts.map(({ examId, verdict }) => [examId, verdict]));
  const digits = Math.max(2, String(exams.length).length);
  return {
    exams: exams.flatMap(({ id }, at) => {
      const own = images.filter(({ series, held }) => series.examId === id && held === null);
      if (own.length === 0) return [];
      const series = [...new Map(own.map((row) => [row.series.id, row.series])).values()];
      const stacks = series.flatMap((each) => {
        const ofSeries = own.filter((row) => row.series.id === each.id);
        return stacksOfSeries(
          each,
          ofSeries.map(({ image }) => image),
        );
      });
      const label = `ses-${String(at + 1).padStart(digits, "0")}`;
      return [{ label, quality: quality.get(id) ?? null, stacks: named(stacks) }];
    }),
    held: images.filter(({ held }) => held !== null).length,
  };
}

/** An image whose frames lie in several stacks, or in none, is in one of its own kind. */
function stacksOfSeries(
  series: typeof imageSeries.$inferSelect,
  images: readonly Image[],
): Omit<ExportedStack, "name">[] {
  const frames = images.flatMap((image) => image.planes.map((plane) => ({ image, plane: plane ?? undefined })));
  const about = {
    ...{ seriesInstanceUid: series.uid, modality: series.modality, seriesNumber: series.number },
    ...{ description: series.description, parameters: series.parameters },
  };
  const left = new Set(images);
  const stacks = stacksOf(frames).map(({ orientation, step, frames }) => {
    const within = new Map<Image, number>();
    for (const { image } of frames) within.set(image, (within.get(image) ?? 0) + 1);
    const whole = [...within].filter(([image, count]) => count === image.planes.length).map(([image]) => image);
    for (const image of whole) left.delete(image);
    return {
      about: { ...about, plane: orientation.name, tiltDegrees: orientation.tilt, stepMm: step },
      images: whole,
    };
  });
  return [...stacks, { about: { ...about, plane: null, tiltDegrees: null, stepMm: null }, images: [...left] }].filter(
    (stack) => stack.images.length > 0,
  );
}

/** A name that stands twice in an exam gets a number; all are letters, digits, hyphens and underscores. */
function named(stacks: readonly Omit<ExportedStack, "name">[]): ExportedStack[] {
  const times = new Map<string, number>();
  return stacks.map((stack) => {
    const { seriesNumber, plane } = stack.about;
    const series = seriesNumber === null ? "none" : String(seriesNumber).padStart(3, "0");
    const name = `series-${series}_plane-${plane ?? "unknown"}`;
    const time = (times.get(name) ?? 0) + 1;
    times.set(name, time);
    return { ...stack, name: time === 1 ? name : `${name}-${time}` };
  });
}
