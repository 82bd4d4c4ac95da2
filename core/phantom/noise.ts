import { seededRandom } from "../random";

/**
 * Smooth value noise in [-1, 1] (lattice of seeded values, smoothstep between them; Perlin 1985 describes the family).
 * @param cell distance between lattice points in pixels
 */
export function valueNoise({
  width,
  height,
  cell,
  seed,
}: {
  width: number;
  height: number;
  cell: number;
  seed: number;
}) {
  const columns = Math.ceil(width / cell) + 2;
  const rows = Math.ceil(height / cell) + 2;
  const random = seededRandom(seed);
  const lattice = Float64Array.from({ length: columns * rows }, () => 2 * random() - 1);
  const at = (column: number, row: number) => lattice[row * columns + column] ?? 0;
  return (x: number, y: number): number => {
    const column = Math.floor(x / cell);
    const row = Math.floor(y / cell);
    const u = smoothstep(x / cell - column);
    const v = smoothstep(y / cell - row);
    const top = at(column, row) * (1 - u) + at(column + 1, row) * u;
    const bottom = at(column, row + 1) * (1 - u) + at(column + 1, row + 1) * u;
    return top * (1 - v) + bottom * v;
  };
}

const smoothstep = (t: number) => t * t * (3 - 2 * t);

/** Gaussian blur of a grey image, separable, edges repeated. `sigma` in pixels. */
export function blurred(
  pixels: Float64Array,
  { width, height, sigma }: { width: number; height: number; sigma: number },
): Float64Array {
  const radius = Math.ceil(3 * sigma);
  const kernel = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)));
  const total = kernel.reduce((sum, weight) => sum + weight, 0);
  const pass = (source: Float64Array, stepX: number, stepY: number) => {
    const result = new Float64Array(source.length);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (const [i, weight] of kernel.entries()) {
          const fromX = Math.min(width - 1, Math.max(0, x + stepX * (i - radius)));
          const fromY = Math.min(height - 1, Math.max(0, y + stepY * (i - radius)));
          sum += weight * (source[fromY * width + fromX] ?? 0);
        }
        result[y * width + x] = sum / total;
      }
    }
    return result;
  };
  return pass(pass(pixels, 1, 0), 0, 1);
}
