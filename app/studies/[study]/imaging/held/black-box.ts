import { edgeOfKey } from "@/app/_viewer/keys";

/** Left, top, width and height in pixels of a picture. */
export type BlackBox = [left: number, top: number, width: number, height: number];

interface Size {
  width: number;
  height: number;
}
interface Point {
  x: number;
  y: number;
}

const within = (value: number, most: number) => Math.max(0, Math.min(most, value));

/** The pixels between two corners, both within the picture and in the box. */
export function boxBetween(a: Point, b: Point, { width, height }: Size): BlackBox {
  const [left, right] = [Math.min(a.x, b.x), Math.max(a.x, b.x)].map((x) => within(Math.floor(x), width - 1));
  const [top, bottom] = [Math.min(a.y, b.y), Math.max(a.y, b.y)].map((y) => within(Math.floor(y), height - 1));
  return [left ?? 0, top ?? 0, (right ?? 0) - (left ?? 0) + 1, (bottom ?? 0) - (top ?? 0) + 1];
}

/** What somebody begins with who draws by keys: a line of letters in the corner at the top. */
export const firstBox = ({ width, height }: Size): BlackBox => [0, 0, Math.ceil(width / 3), Math.ceil(height / 12)];

/** Pixels of a press of a key: a hundredth of the picture. */
const stepOf = ({ width, height }: Size) => Math.max(1, Math.round(Math.max(width, height) / 100));

/**
 * The box after a key: an arrow moves it, with Shift (right, bottom) or Alt (left, top) one of its edges as in the viewer; undefined for a key that does nothing here.
 */
export function boxAfterKey(box: BlackBox, event: KeyboardEvent, size: Size): BlackBox | undefined {
  const [left, top, across, down] = box;
  const step = stepOf(size);
  const edge = edgeOfKey(event);
  if (edge) {
    const ends = { left, top, right: left + across - 1, bottom: top + down - 1 };
    ends[edge.edge] += edge.by * step;
    if (ends.right < ends.left || ends.bottom < ends.top) return box;
    return boxBetween({ x: ends.left, y: ends.top }, { x: ends.right, y: ends.bottom }, size);
  }
  if (event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return undefined;
  const [x, y] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [];
  if (x === undefined || y === undefined) return undefined;
  return [within(left + x * step, size.width - across), within(top + y * step, size.height - down), across, down];
}
