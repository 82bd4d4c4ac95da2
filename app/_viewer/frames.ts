import { distance, type Plane, type PlaneName, toPixel } from "@/core/dicom/plane";
import type { Vector } from "@/core/dicom/vector";
import type { ExamView } from "@/server/schemas/series";

export type Stack = ExamView["series"][number]["stacks"][number];
export type Frame = Stack["frames"][number];

export const paneNames: readonly PlaneName[] = ["axial", "sagittal", "coronal"];

/** A stack that can be shown in a pane, with the series it is of. */
export interface Choice {
  key: string;
  series: ExamView["series"][number];
  stack: Stack;
}

/** The stacks of an exam whose plane is nearest to that of a pane, the largest first. */
export const choicesOf = (exam: ExamView, pane: PlaneName): Choice[] =>
  exam.series
    .flatMap((series) => series.stacks.map((stack, at) => ({ key: `${series.id} ${at}`, series, stack })))
    .filter(({ stack }) => stack.orientation.nearest === pane)
    .sort((a, b) => b.stack.frames.length - a.stack.frames.length);

/** Where a frame lies in a stack; -1 where it does not. */
export const placeIn = ({ stack }: Choice, { instanceId, frame }: Pick<Frame, "instanceId" | "frame">): number =>
  stack.frames.findIndex((each) => each.instanceId === instanceId && each.frame === frame);

/** Under which name Cornerstone loads a frame. */
export const imageIdOf = (study: string, { instanceId, frame }: Pick<Frame, "instanceId" | "frame">): string =>
  `wadouri:/api/studies/${study}/instances/${instanceId}?frame=${frame}`;

export type Ends = readonly [Vector, Vector, Vector, Vector];

/** Four places in the patient as the ends of two axes; undefined where there are not four. */
export function endsOf(points: readonly (readonly number[])[]): Ends | undefined {
  const [a, b, c, d] = points.map(([x = 0, y = 0, z = 0]): Vector => [x, y, z]);
  return a && b && c && d ? [a, b, c, d] : undefined;
}

/** The longer and the shorter of two axes, mm. */
export function axesOf([a, b, c, d]: Ends): { long: number; short: number } {
  const lengths = [distance(a, b), distance(c, d)];
  return { long: Math.max(...lengths), short: Math.min(...lengths) };
}

/** The longer and the shorter of two axes in pixels of their image, where its millimetres are none of the patient's. */
export function pixelAxesOf(plane: Plane, ends: Ends): { long: number; short: number } {
  const [a, b, c, d] = ends.map((end): Vector => {
    const { x, y } = toPixel(plane, end);
    return [x, y, 0];
  });
  return a && b && c && d ? axesOf([a, b, c, d]) : { long: 0, short: 0 };
}
