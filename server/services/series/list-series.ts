import { and, desc, eq } from "drizzle-orm";
import type { Plane } from "@/core/dicom/plane";
import { type Acquisition, type Deviation, matchSequences } from "@/core/dicom/sequence-check";
import { type Stack, stacksOf } from "@/core/dicom/stack";
import { qualityReasonsOf, type SequenceFigure } from "@/core/protocol/imaging";
import type { Protocol } from "@/core/protocol/protocol";
import type { Tx } from "@/db/actor";
import { exam, heldImage, imageInstance, imageSeries, subject, unlookedImage } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { lookOfExam } from "./look-of-exam";
import { qualityOf } from "./quality-of";
import { timesOf } from "./times-of";
import { uploadsOf } from "./uploads-of";

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
  /** Of the image that came first, by the figure of the protocol. */
  parameters: Partial<Record<string, number>>;
  /** Hashed Frame of Reference UID of the image that came first; null where it names none. */
  space: string | null;
  stacks: Stack<StackFrame>[];
  /** Images of which the file does not tell where they lie: they are seen, and nothing is measured in them. */
  withoutPlane: { instanceId: string; frame: number; width: number; height: number }[];
  /** Images that wait for a person, and those in which letters are looked for first. */
  held: number;
  unlooked: number;
}

/** A sequence that the protocol asks for: whether a stack is one, and where that one differs. */
export interface AskedSequence {
  key: string;
  label: string;
  isThere: boolean;
  deviations: Deviation[];
}

/** The images of a subject, exam by exam and series by series, the newest exam first. What is held is counted, and in no stack. */
export async function listSeries(tx: Tx, actor: StudyActor, { number }: { number: string }) {
  const { document } = await studyProtocol(tx, actor);
  const qualityReasons = qualityReasonsOf(document.imaging, actor.locale ?? "en");
  const exams = await tx
    .select({ id: exam.id, performedOn: exam.performedOn, scanner: exam.scanner })
    .from(exam)
    .innerJoin(subject, eq(subject.id, exam.subjectId))
    .where(and(eq(exam.studyId, actor.studyId), eq(subject.number, number)))
    .orderBy(desc(exam.recordedAt));
  return Promise.all(
    exams.map(async (each) => {
      const series = await seriesOfExam(tx, actor, each.id);
      return {
        ...{ ...each, series, sequences: askedSequences(series, document) },
        ...{ quality: await qualityOf(tx, actor, { examId: each.id, reasons: qualityReasons }), qualityReasons },
        look: await lookOfExam(tx, actor, { examId: each.id }),
        uploads: await uploadsOf(tx, actor, { examId: each.id }),
        times: await timesOf(tx, actor, { examId: each.id }),
      };
    }),
  );
}

/** The sequence table of the protocol against the stacks of an exam that has any. */
function askedSequences(series: readonly ListedSeries[], { imaging }: Protocol): AskedSequence[] {
  const scanned = series.flatMap(({ parameters, stacks }) =>
    stacks.map(({ orientation, step }) => {
      const said = (figure: SequenceFigure) => parameters[figure] ?? null;
      const acquisition: Acquisition = {
        ...{ repetitionTimeMs: said("repetitionTimeMs"), echoTimeMs: said("echoTimeMs") },
        ...{ thicknessMm: said("thicknessMm"), stepMm: step ?? said("stepMm") },
        ...{ pixelMm: said("pixelMm"), fieldOfViewMm: said("fieldOfViewMm") },
      };
      return { orientation, acquisition };
    }),
  );
  if (!imaging || scanned.length === 0) return [];
  const labels = new Map(imaging.sequences.map(({ key, label }) => [key, label]));
  return matchSequences(scanned, imaging).map(({ sequence, stack, deviations }) => ({
    ...{ key: sequence, label: labels.get(sequence) ?? sequence, isThere: stack !== null, deviations },
  }));
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
      space: imageInstance.frameOfReferenceUid,
      planes: imageInstance.planes,
      width: imageInstance.columns,
      height: imageInstance.rows,
      held: heldImage.instanceId,
      unlooked: unlookedImage.instanceId,
    })
    .from(imageInstance)
    .innerJoin(imageSeries, eq(imageSeries.id, imageInstance.seriesId))
    .leftJoin(heldImage, eq(heldImage.instanceId, imageInstance.id))
    .leftJoin(unlookedImage, and(eq(unlookedImage.instanceId, imageInstance.id), unlookedImage.waits))
    .where(and(eq(imageInstance.studyId, studyId), eq(imageSeries.examId, examId)))
    .orderBy(imageInstance.number, imageInstance.createdAt);
  return series.map((each) => {
    const own = images.filter(({ seriesId }) => seriesId === each.id);
    const frames = own
      .filter(({ held }) => held === null)
      .flatMap(({ id, planes, width, height }) =>
        planes.map((plane, at) => ({ at: { instanceId: id, frame: at + 1 }, plane, size: { width, height } })),
      );
    return {
      ...each,
      space: own[0]?.space ?? null,
      stacks: stacksOf(frames.flatMap(({ at, plane }) => (plane ? [{ ...at, plane }] : []))),
      withoutPlane: frames.flatMap(({ at, plane, size }) => (plane ? [] : [{ ...at, ...size }])),
      held: own.filter(({ held, unlooked }) => held !== null && unlooked === null).length,
      unlooked: own.filter(({ unlooked }) => unlooked !== null).length,
    };
  });
}
