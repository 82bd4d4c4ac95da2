import { type Types, utilities } from "@cornerstonejs/core";
import type { Deed } from "./keys";

const zoomStep = 1.25;
/** Of the window: half as wide, twice as wide. */
const widthStep = 2;

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
    zoomIn: () => viewport.setZoom(viewport.getZoom() * zoomStep),
    zoomOut: () => viewport.setZoom(viewport.getZoom() / zoomStep),
    asSent: () => setWindow(viewport, windowAsSent(viewport)),
    wholeRange: () => setWindow(viewport, wholeRange(viewport)),
    narrower: () => widen(viewport, 1 / widthStep),
    wider: () => widen(viewport, widthStep),
    invert: () => viewport.setProperties({ invert: !viewport.getProperties().invert }),
    reset: () => {
      viewport.resetProperties();
      setWindow(viewport, windowAsSent(viewport));
      viewport.resetCamera();
    },
  };
  const act = deeds[deed];
  // Until the first image is there, whatever the types say.
  const image: Types.IImage | undefined = viewport.getCornerstoneImage();
  if (!act || !image) return;
  act();
  viewport.render();
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
