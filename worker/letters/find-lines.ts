/** Left, top, width and height in pixels. */
export type Box = [number, number, number, number];

/** From where on a pixel belongs to letters, and how sure of its pixels the detector is of a line. */
const pixelFrom = 0.3;
const lineFrom = 0.5;
/** The detector was trained on lines that were drawn smaller, by their area over their circumference: so many times that is added around. */
const unclip = 1.5;
/** What is smaller holds no letter. */
const smallestSide = 3;

/**
 * The lines of letters in a map of how likely each pixel is part of one: what hangs together, as upright boxes. (Letters that were burned into an image stand along its sides.)
 * @param map row by row
 */
export function findLines(map: Float32Array, { width, height }: { width: number; height: number }): Box[] {
  const isSeen = new Uint8Array(map.length);
  const boxes: Box[] = [];
  const stack: number[] = [];
  for (let start = 0; start < map.length; start++) {
    if (isSeen[start] || (map[start] ?? 0) <= pixelFrom) continue;
    let [left, top, right, bottom, sum, count] = [width, height, 0, 0, 0, 0];
    isSeen[start] = 1;
    stack.push(start);
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const [x, y] = [at % width, Math.floor(at / width)];
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
      sum += map[at] ?? 0;
      count += 1;
      for (let dy = -1; dy <= 1; dy++)
        for (let dx = -1; dx <= 1; dx++) {
          const [nx, ny] = [x + dx, y + dy];
          if (nx < 0 || ny < 0 || nx >= width || ny >= height) continue;
          const next = ny * width + nx;
          if (isSeen[next] || (map[next] ?? 0) <= pixelFrom) continue;
          isSeen[next] = 1;
          stack.push(next);
        }
    }
    const [w, h] = [right - left + 1, bottom - top + 1];
    if (Math.min(w, h) < smallestSide || sum / count < lineFrom) continue;
    const reach = Math.ceil((w * h * unclip) / (2 * (w + h)));
    const [l, t] = [Math.max(0, left - reach), Math.max(0, top - reach)];
    boxes.push([l, t, Math.min(width, right + 1 + reach) - l, Math.min(height, bottom + 1 + reach) - t]);
  }
  return boxes;
}
