import { type Types, utilities } from "@cornerstonejs/core";
import { widthStep } from "@/app/_lib/grey-window";
import { imageOf } from "./engine";
import type { Deed } from "./keys";

const zoomStep = 1.25;

/** What a key or a button does to the image of a pane. Deeds that are none of an image's do nothing. */
export function doDeed(viewport: Types.IStackViewport, deed: Deed): void {
  const at = viewport.getCurrentImageIdIndex();
  const count = viewport.getImageIds().length;
  const show = (index: number) => void viewport.setImageIdIndex(Math.max(0, Math.min(count - 1, index)));
  const deeds: Partial<Record<Deed, () => void>> = {
    previous: () => show(at - 1),
    next: () => show(at + 1),
    fiveBack: () => show(at - 5),
    fiveOn: () => show(at + 5),
    first: () => show(0),
    last: () => show(count - 1),
    cine: () => show((at + 1) % count),
    zoomIn: () => viewport.setZoom(viewport.getZoom() * zoomStep),
    zoomOut: () => viewport.setZoom(viewport.getZoom() / zoomStep),
    actualSize: () => viewport.setZoom(viewport.getZoom() / pixelsAPixel(viewport)),
    turn: () => present(viewport, { rotation: (turnOf(viewport).degrees + 90) % 360 }),
    mirror: () => present(viewport, { flipHorizontal: !turnOf(viewport).isMirrored }),
    asSent: () => setWindow(viewport, windowAsSent(viewport)),
    wholeRange: () => setWindow(viewport, wholeRange(viewport)),
    narrower: () => widen(viewport, 1 / widthStep),
    wider: () => widen(viewport, widthStep),
    invert: () => viewport.setProperties({ invert: !viewport.getProperties().invert }),
    reset: () => {
      present(viewport, { rotation: 0, flipHorizontal: false });
      viewport.resetProperties();
      setWindow(viewport, windowAsSent(viewport));
      viewport.resetCamera();
    },
  };
  const act = deeds[deed];
  if (!act || !imageOf(viewport)) return;
  act();
  viewport.render();
}

function present(viewport: Types.IStackViewport, change: Pick<Types.ViewPresentation, "rotation" | "flipHorizontal">) {
  viewport.setViewPresentation({ ...viewport.getViewPresentation(), ...change });
}

/** How an image stands in its pane, against how it was sent. */
export function turnOf(viewport: Types.IStackViewport): { degrees: number; isMirrored: boolean } {
  const { rotation = 0, flipHorizontal = false } = viewport.getViewPresentation();
  return { degrees: Math.round(rotation), isMirrored: flipHorizontal };
}

/** Pixels of the screen that a pixel of the image takes, across. */
export function pixelsAPixel(viewport: Types.IStackViewport): number {
  const { origin, direction, spacing } = viewport.getImageData() ?? {};
  if (!origin || !direction || !spacing) return 1;
  const [x, y, z] = [0, 1, 2].map((axis) => (origin[axis] ?? 0) + spacing[0] * (direction[axis] ?? 0));
  const [from, to] = [viewport.worldToCanvas(origin), viewport.worldToCanvas([x ?? 0, y ?? 0, z ?? 0])];
  return Math.hypot(to[0] - from[0], to[1] - from[1]);
}

function setWindow(viewport: Types.IStackViewport, voiRange: Types.VOIRange): void {
  viewport.setProperties({ voiRange });
}

/** The window that the file brings; the whole range where it brings none. */
function windowAsSent(viewport: Types.IStackViewport): Types.VOIRange {
  const { windowCenter, windowWidth, voiLUTFunction } = viewport.getCornerstoneImage();
  const [center, width] = [[windowCenter].flat()[0], [windowWidth].flat()[0]];
  if (center === undefined || !width) return wholeRange(viewport);
  return utilities.windowLevel.toLowHighRange(width, center, voiLUTFunction);
}

function wholeRange(viewport: Types.IStackViewport): Types.VOIRange {
  const { minPixelValue, maxPixelValue } = viewport.getCornerstoneImage();
  return { lower: minPixelValue, upper: Math.max(maxPixelValue, minPixelValue + 1) };
}

function widen(viewport: Types.IStackViewport, by: number): void {
  const { voiRange } = viewport.getProperties();
  if (!voiRange) return;
  const [center, half] = [(voiRange.upper + voiRange.lower) / 2, ((voiRange.upper - voiRange.lower) / 2) * by];
  setWindow(viewport, { lower: center - half, upper: center + half });
}
