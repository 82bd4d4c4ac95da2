import { distance, type Plane, type PlaneName, toPixel } from "@/core/dicom/plane";
import type { Vector } from "@/core/dicom/vector";
import type { ExamView } from "@/server/schemas/series";

type Series = ExamView["series"][number];

export interface Frame {
  instanceId: string;
  /** 1, 2, ... within the image. */
  frame: number;
  /** Of an image of which nobody knows where it lies: that of its pixels (`planeOfPixels`). */
  plane: Plane;
}

/** One pane for each plane, and one for images of which nobody knows where they lie. */
export type PaneName = PlaneName | "unplaced";
export const paneNames: readonly PaneName[] = ["axial", "sagittal", "coronal", "unplaced"];

/** Images that can be shown in a pane one behind the other, with the series they are of. */
export interface Choice {
  key: string;
  series: Pick<Series, "id" | "number" | "description">;
  /** Positions of one are in one space; null: of which none is named. */
  space: string | null;
  frames: readonly Frame[];
}

/** What an exam has for a pane, the largest stack first: those whose plane is nearest to its own, or the images without any. */
export const choicesOf = (exam: ExamView, pane: PaneName): Choice[] =>
  exam.series
    .flatMap((series) => (pane === "unplaced" ? unplacedOf(series) : stacksIn(series, pane)))
    .sort((a, b) => b.frames.length - a.frames.length);

const stacksIn = (series: Series, pane: PlaneName): Choice[] =>
  series.stacks.flatMap(({ orientation, frames }, at) =>
    orientation.nearest === pane ? [{ key: `${series.id} ${at}`, series, space: series.space, frames }] : [],
  );

function unplacedOf(series: Series): Choice[] {
  const frames = series.withoutPlane.map(({ width, height, ...frame }) => ({
    ...frame,
    plane: planeOfPixels({ width, height }),
  }));
  return frames.length > 0 ? [{ key: `${series.id} unplaced`, series, space: `${series.id} unplaced`, frames }] : [];
}

/** Where Cornerstone lays an image that does not say where it is: a pixel is as long as a millimetre elsewhere, and no millimetre of anything. */
export const planeOfPixels = ({ width, height }: { width: number; height: number }): Plane => ({
  ...{ position: [0, 0, 0], row: [1, 0, 0], column: [0, 1, 0], normal: [0, 0, 1] },
  spacing: { rows: 1, columns: 1, source: "none" },
  ...{ width, height },
});

/** Whether an exam has anything to look at. */
export const hasImages = ({ series }: ExamView): boolean =>
  series.some(({ stacks, withoutPlane }) => stacks.length + withoutPlane.length > 0);

/** Where a frame lies in a stack; -1 where it does not. */
export const placeIn = ({ frames }: Choice, { instanceId, frame }: Pick<Frame, "instanceId" | "frame">): number =>
  frames.findIndex((each) => each.instanceId === instanceId && each.frame === frame);

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
