import { expect, test } from "vitest";
import { lanczos } from "@/core/imaging/lanczos";

const [width, height] = [12, 10];
/** Noise with an edge, in grey levels. */
const greyAt = (x: number, y: number) => (x < 5 ? 60 : 170) + (((x * 7 + y * 13) * 17) % 41);
const rgba = (side: { width: number; height: number }, grey: (x: number, y: number) => number) =>
  Uint8ClampedArray.from({ length: 4 * side.width * side.height }, (_, at) =>
    at % 4 === 3 ? 255 : grey((at >> 2) % side.width, Math.floor((at >> 2) / side.width)),
  );
/** The grey levels of a row. */
const row = (pixels: Uint8ClampedArray, y: number, wide: number) =>
  Array.from({ length: wide }, (_, x) => pixels[4 * (y * wide + x)] ?? Number.NaN);

/** Rows of the picture as Pillow's `resize` gives them with `Image.LANCZOS`, from this row on. */
const pillow = [
  {
    to: { width: 24, height: 20 },
    from: 8,
    rows: [
      [76, 74, 72, 73, 77, 80, 79, 68, 62, 92, 153, 196, 211, 210, 209, 205, 204, 202, 198, 194, 189, 185, 183, 183],
      [90, 90, 88, 84, 79, 77, 77, 65, 58, 86, 146, 190, 205, 204, 203, 199, 198, 196, 194, 196, 200, 201, 199, 197],
      [100, 99, 97, 94, 91, 89, 89, 76, 67, 97, 158, 194, 194, 186, 185, 184, 184, 179, 176, 185, 204, 213, 210, 205],
      [94, 93, 91, 89, 88, 87, 86, 78, 78, 114, 175, 205, 196, 183, 183, 181, 179, 173, 169, 179, 198, 207, 204, 199],
    ],
  },
  {
    to: { width: 36, height: 30 },
    from: 14,
    rows: [
      [
        92, 93, 92, 91, 89, 85, 81, 79, 78, 80, 75, 64, 58, 67, 96, 136, 173, 195, 202, 202, 201, 201, 198, 196, 196,
        195, 193, 191, 192, 196, 201, 204, 204, 202, 200, 199,
      ],
      [
        99, 99, 98, 98, 95, 92, 89, 87, 87, 89, 83, 72, 65, 73, 103, 145, 179, 195, 196, 191, 188, 188, 187, 186, 186,
        184, 180, 179, 181, 190, 202, 210, 212, 210, 206, 205,
      ],
    ],
  },
];

test.each(pillow)(
  "away from its edges a picture in $to.width × $to.height is what Pillow makes of it, to a grey level",
  ({ to, from, rows }) => {
    const ours = lanczos(rgba({ width, height }, greyAt), { width, height }, to);
    const zoom = to.width / width;
    // Beyond an edge Pillow takes what is left of the kernel; there is none within three pixels of the picture.
    const inner = (line: number[]) => line.slice(3 * zoom, -3 * zoom);
    for (const [at, theirs] of rows.entries()) {
      const mine = inner(row(ours, from + at, to.width));
      expect(mine.length).toBe(6 * zoom);
      for (const [x, grey] of inner(theirs).entries())
        expect(Math.abs((mine[x] ?? Number.NaN) - grey), `row ${from + at}`).toBeLessThanOrEqual(1);
    }
  },
);

test("in its own size it is what it was, in colour too", () => {
  const pixels = Uint8ClampedArray.from({ length: 4 * 12 }, (_, at) => (at % 4 === 3 ? 255 : (at * 37) % 256));
  expect(lanczos(pixels, { width: 4, height: 3 }, { width: 4, height: 3 })).toEqual(pixels);
});

test("one grey stays that grey, to the edge, larger and smaller", () => {
  for (const to of [
    { width: 33, height: 21 },
    { width: 4, height: 3 },
  ]) {
    const pixels = lanczos(
      rgba({ width, height }, () => 77),
      { width, height },
      to,
    );
    expect(new Set(row(pixels, 0, to.width).concat(row(pixels, to.height - 1, to.width)))).toEqual(new Set([77]));
  }
});
