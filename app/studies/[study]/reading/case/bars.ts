/** A bar is a multiple of this, in pixels of the canvas (`server/services/imaging/draw-on-canvas.ts`). */
const step = 15;

/**
 * The black bars on either side of a picture on a square canvas, which are no part of it. Where the picture itself ends in as wide a black edge on both sides, this
 * counts as bar, too.
 * @param pixels RGBA of the canvas, row by row
 * @param side of the canvas, in pixels
 * @returns width of the bars left and right, and above and below, in pixels
 */
export function barsOf(pixels: Uint8ClampedArray, side: number): { across: number; down: number } {
  const isBlack = (x: number, y: number) => [0, 1, 2].every((channel) => pixels[4 * (y * side + x) + channel] === 0);
  const all = Array.from({ length: side }, (_, at) => at);
  const wideAs = (isBlackLine: (at: number) => boolean) => {
    const first = all.findIndex((at) => !isBlackLine(at) || !isBlackLine(side - 1 - at));
    return first < 0 ? 0 : first - (first % step);
  };
  return {
    across: wideAs((x) => all.every((y) => isBlack(x, y))),
    down: wideAs((y) => all.every((x) => isBlack(x, y))),
  };
}
