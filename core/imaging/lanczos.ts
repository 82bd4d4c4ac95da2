/** On each side of its middle, in pixels of the coarser grid. */
const lobes = 3;

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Of each pixel of a line of `to`: the first pixel of a line of `from` that it is made of, and the shares of that and of those after it, which sum to 1. */
function sharesOf(from: number, to: number): { first: number; shares: Float32Array }[] {
  const ratio = from / to;
  const stretch = Math.max(1, ratio);
  return Array.from({ length: to }, (_, at) => {
    const middle = (at + 0.5) * ratio - 0.5;
    const first = Math.ceil(middle - lobes * stretch);
    const count = Math.floor(middle + lobes * stretch) - first + 1;
    const weights = Array.from({ length: count }, (_, tap) => {
      const x = (first + tap - middle) / stretch;
      return sinc(x) * sinc(x / lobes);
    });
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { first, shares: Float32Array.from(weights, (weight) => weight / sum) };
  });
}

/**
 * An image in another size by Lanczos' kernel of three lobes (Duchon CE. J Appl Meteorol 1979;18:1016-1022; Turkowski K. In: Graphics Gems, 1990, 147-165), the last
 * pixel of each edge going on beyond it.
 * @param pixels RGBA, row by row
 * @param from width and height of the image, in pixels
 * @param to width and height that are asked for, in pixels
 * @returns RGBA of `to`, opaque
 */
export function lanczos(
  pixels: Uint8ClampedArray,
  from: { width: number; height: number },
  to: { width: number; height: number },
): Uint8ClampedArray<ArrayBuffer> {
  const columns = sharesOf(from.width, to.width);
  const rows = sharesOf(from.height, to.height);
  const result = new Uint8ClampedArray(4 * to.width * to.height).fill(255);
  const wide = new Float32Array(from.height * to.width);
  const isGrey = !pixels.some((level, at) => at % 4 < 2 && level !== pixels[at + 1]);
  for (let channel = 0; channel < (isGrey ? 1 : 3); channel++) {
    for (let x = 0; x < to.width; x++) {
      const { first, shares } = columns[x] ?? { first: 0, shares: wide };
      for (let y = 0; y < from.height; y++) {
        let sum = 0;
        for (let tap = 0; tap < shares.length; tap++) {
          const source = Math.min(from.width - 1, Math.max(0, first + tap));
          sum += (shares[tap] ?? 0) * (pixels[4 * (y * from.width + source) + channel] ?? 0);
        }
        wide[y * to.width + x] = sum;
      }
    }
    for (let y = 0; y < to.height; y++) {
      const { first, shares } = rows[y] ?? { first: 0, shares: wide };
      for (let x = 0; x < to.width; x++) {
        let sum = 0;
        for (let tap = 0; tap < shares.length; tap++) {
          const source = Math.min(from.height - 1, Math.max(0, first + tap));
          sum += (shares[tap] ?? 0) * (wide[source * to.width + x] ?? 0);
        }
        const at = 4 * (y * to.width + x);
        if (isGrey) result.fill(sum, at, at + 3);
        else result[at + channel] = sum;
      }
    }
  }
  return result;
}
