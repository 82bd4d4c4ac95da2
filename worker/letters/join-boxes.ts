import type { Box } from "./find-lines";

/** So far apart are letters of one line at most, pixels. */
const nearBy = 4;
/** As many as a person looks through, and as a black-out takes (`blackOutInput`). */
const mostBoxes = 200;

const isNear = (a: Box, b: Box) =>
  a[0] <= b[0] + b[2] + nearBy &&
  b[0] <= a[0] + a[2] + nearBy &&
  a[1] <= b[1] + b[3] + nearBy &&
  b[1] <= a[1] + a[3] + nearBy;

function around(a: Box, b: Box): Box {
  const [left, top] = [Math.min(a[0], b[0]), Math.min(a[1], b[1])];
  return [left, top, Math.max(a[0] + a[2], b[0] + b[2]) - left, Math.max(a[1] + a[3], b[1] + b[3]) - top];
}

/**
 * Boxes that cover all of these, of which none is near another: what stands in every frame of an image, a pixel more or less, is one. Of too many to look through the one around all is left.
 * @returns 200 at most, from top to bottom
 */
export function joinBoxes(boxes: readonly Box[]): Box[] {
  let joined: Box[] = [];
  for (const box of boxes) {
    let [grown, before] = [box, -1];
    // What has grown may be near others now.
    while (before !== joined.length) {
      before = joined.length;
      const apart: Box[] = [];
      for (const each of joined) {
        if (isNear(each, grown)) grown = around(each, grown);
        else apart.push(each);
      }
      joined = apart;
    }
    joined.push(grown);
  }
  if (joined.length > mostBoxes) joined = [joined.reduce(around)];
  return joined.toSorted((a, b) => a[1] - b[1] || a[0] - b[0]);
}
