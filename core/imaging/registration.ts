import { thumbnailSide } from "./perceptual-hash";

/*
 * Whether two thumbnails show one picture that was mirrored, turned by quarters, moved by a few pixels or cut anew. Three sieves, each for what
 * passed the one before, because most of n (n - 1) / 2 pairs must cost next to nothing:
 *
 * 1. spectra: the magnitudes of the low spatial frequencies do not change when a picture is moved, and change places when it is mirrored or turned;
 * 2. the detail at half size, moved by up to two positions each way: normalised cross-correlation;
 * 3. the whole thumbnail, scaled and moved until it fits best (Gauss-Newton): correlation of what is seen, and of its detail.
 */

const side = thumbnailSide;
const half = side / 2;
const pixels = side * side;

/** How a picture can be held: bit 0 mirrors left and right, bit 1 above and below, bit 2 exchanges rows and columns before. */
const views = 8;

/** Highest frequency of a spectrum, in periods a side. */
const highest = 6;
/** Of a spectrum's half-plane, without the mean and the slowest; the other half repeats it. */
const frequencies = Array.from({ length: highest + 1 }, (_, v) =>
  Array.from({ length: 2 * highest + 1 }, (_, i) => ({ u: i - highest, v })),
)
  .flat()
  .filter(({ u, v }) => (v > 0 || u > 0) && Math.hypot(u, v) > 1.1 && Math.hypot(u, v) < highest + 0.3);

/** Greatest move of the half-sized detail, in its positions: an eighth of the picture. */
const reach = 2;
const moves = (2 * reach + 1) ** 2;

/** Standard deviation of the blur below which detail begins, in positions of the thumbnail. */
const detailBegins = 2;

/**
 * Least correlations of the three sieves. Measured on 200 windows of 12 to 140 pixels out of T2-weighted MR, breast ultrasound and brain MR, each once as
 * it is and once changed, and on 499,500 pairs of 1,000 such windows that do not overlap; found of 200, then false pairs:
 *
 * ```
 * mirrored, turned (six ways), as they are / JPEG of quality 75 / at 80 %   200 / 199 / 199
 * moved by 1 or 2 pixels; mirrored besides; JPEG of quality 75 besides      199; 199; 197
 * cut anew, up to 5 % narrower at each edge; turned besides                 200; 200
 * each edge moved by up to 3 pixels                                         194 to 197
 * false                                                                     17, at the edge of the skull, where windows are half black
 * ```
 */
const leastSpectrum = 0.6;
const leastHalf = 0.4;
/** Of the detail behind the registration. */
const leastDetail = 0.75;
/** Of the whole thumbnails behind the registration. */
export const registeredCorrelation = 0.92;

/** What is kept of a thumbnail while it is compared with many. */
export interface Sketch {
  thumbnail: Float64Array;
  /** Of `frequencies`, normalised to a mean of 0 and a length of 1. */
  spectrum: Float64Array;
  /** Detail at half size, and its length within what a move leaves in sight. */
  detail: Float64Array;
  lengths: Float64Array;
}

/** One of the eight ways to hold a picture. */
type View = Sketch;

/** @param thumbnail `thumbnailSide` x `thumbnailSide` grey values, row by row */
export function sketchOf(thumbnail: ArrayLike<number>): Sketch {
  const seen = Float64Array.from(thumbnail);
  const detail = halved(detailOf(seen));
  return { thumbnail: seen, spectrum: spectrumOf(seen), detail, lengths: lengthsOf(detail) };
}

/** A picture held in all eight ways. */
export function viewsOf({ thumbnail, detail }: Sketch): View[] {
  return Array.from({ length: views }, (_, view) => {
    const held = heldAs(thumbnail, side, view);
    const heldDetail = heldAs(detail, half, view);
    return { thumbnail: held, spectrum: spectrumOf(held), detail: heldDetail, lengths: lengthsOf(heldDetail) };
  });
}

/**
 * The correlation of a picture and another behind the best registration of one of its views.
 * @param held `viewsOf` the one
 * @returns undefined when no view of it is the other
 */
export function registered(held: readonly View[], other: Sketch): number | undefined {
  let best: number | undefined;
  let bestDetail = leastDetail;
  for (const view of held) {
    if (dot(view.spectrum, other.spectrum) < leastSpectrum) continue;
    const move = bestMove(view, other);
    if (!move) continue;
    const map = fitted(view.thumbnail, other.thumbnail, { scaleX: 1, x: 2 * move.x, scaleY: 1, y: 2 * move.y });
    const correlation = correlationOf(view.thumbnail, other.thumbnail, map);
    if (correlation < registeredCorrelation) continue;
    const detail = correlationOf(detailOf(view.thumbnail), detailOf(other.thumbnail), map);
    if (detail < bestDetail) continue;
    bestDetail = detail;
    best = correlation;
  }
  return best;
}

// ---- how a picture is held ------------------------------------------------------------------------------------------------

function heldAs(values: Float64Array, length: number, view: number): Float64Array {
  const held = new Float64Array(values.length);
  for (let y = 0; y < length; y++) {
    for (let x = 0; x < length; x++) {
      const [column, row] = view & 4 ? [y, x] : [x, y];
      const fromX = view & 1 ? length - 1 - column : column;
      const fromY = view & 2 ? length - 1 - row : row;
      held[y * length + x] = values[fromY * length + fromX] ?? 0;
    }
  }
  return held;
}

// ---- spectra --------------------------------------------------------------------------------------------------------------

/** Hann's window: what a move brings in at an edge counts little. */
const window = Float64Array.from({ length: side }, (_, x) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (x + 0.5)) / side));
const wave = (of: (angle: number) => number) =>
  Array.from({ length: 2 * highest + 1 }, (_, i) =>
    Float64Array.from({ length: side }, (_, x) => of((2 * Math.PI * (i - highest) * x) / side)),
  );
const cosines = wave(Math.cos);
const sines = wave(Math.sin);

/** Roots of the magnitudes of the low frequencies, each raised by its frequency, as pictures have less of the high ones. */
function spectrumOf(thumbnail: Float64Array): Float64Array {
  const mean = thumbnail.reduce((sum, value) => sum + value, 0) / pixels;
  const columns = cosines.map((_, i) => rowsAlong(thumbnail, mean, i));
  const magnitudes = Float64Array.from(frequencies, ({ u, v }) => {
    const { real, imaginary } = columns[u + highest] ?? { real: window, imaginary: window };
    const [cosine, sine] = [cosines[v + highest] ?? window, sines[v + highest] ?? window];
    let [re, im] = [0, 0];
    for (let y = 0; y < side; y++) {
      re += (real[y] ?? 0) * (cosine[y] ?? 0) + (imaginary[y] ?? 0) * (sine[y] ?? 0);
      im += (imaginary[y] ?? 0) * (cosine[y] ?? 0) - (real[y] ?? 0) * (sine[y] ?? 0);
    }
    return Math.sqrt(Math.sqrt(re * re + im * im) * Math.hypot(u, v));
  });
  const level = magnitudes.reduce((sum, value) => sum + value, 0) / magnitudes.length;
  const length = Math.sqrt(magnitudes.reduce((sum, value) => sum + (value - level) ** 2, 0)) || 1;
  return magnitudes.map((value) => (value - level) / length);
}

/** The transform of every row at one frequency. */
function rowsAlong(thumbnail: Float64Array, mean: number, frequency: number) {
  const [cosine, sine] = [cosines[frequency] ?? window, sines[frequency] ?? window];
  const real = new Float64Array(side);
  const imaginary = new Float64Array(side);
  for (let y = 0; y < side; y++) {
    let [re, im] = [0, 0];
    for (let x = 0; x < side; x++) {
      const value = ((thumbnail[y * side + x] ?? 0) - mean) * (window[x] ?? 0) * (window[y] ?? 0);
      re += value * (cosine[x] ?? 0);
      im -= value * (sine[x] ?? 0);
    }
    real[y] = re;
    imaginary[y] = im;
  }
  return { real, imaginary };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

// ---- detail ---------------------------------------------------------------------------------------------------------------

const bell = Array.from({ length: 11 }, (_, i) => Math.exp(-((i - 5) ** 2) / (2 * detailBegins ** 2)));

/** What a blur takes away; at the edges the blur is over what there is. */
function detailOf(thumbnail: Float64Array): Float64Array {
  const blurred = blurredAlong(blurredAlong(thumbnail, 1), side);
  return thumbnail.map((value, i) => value - (blurred[i] ?? 0));
}

/** @param step 1 along the rows, `side` along the columns */
function blurredAlong(values: Float64Array, step: number): Float64Array {
  const result = new Float64Array(pixels);
  for (let i = 0; i < pixels; i++) {
    const at = step === 1 ? i % side : Math.floor(i / side);
    let [sum, weights] = [0, 0];
    for (const [k, weight] of bell.entries()) {
      const place = at + k - 5;
      if (place < 0 || place >= side) continue;
      sum += weight * (values[i + (k - 5) * step] ?? 0);
      weights += weight;
    }
    result[i] = sum / weights;
  }
  return result;
}

function halved(values: Float64Array): Float64Array {
  const result = new Float64Array(half * half);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const at = (y >> 1) * half + (x >> 1);
      result[at] = (result[at] ?? 0) + (values[y * side + x] ?? 0) / 4;
    }
  }
  return result;
}

/** The half-sized detail's length within what each move of it leaves in sight, by `(y + reach) * 5 + x + reach`. */
function lengthsOf(detail: Float64Array): Float64Array {
  const result = new Float64Array(moves);
  for (let y = -reach; y <= reach; y++)
    for (let x = -reach; x <= reach; x++)
      result[placeOf(x, y)] = Math.sqrt(overlap(detail, detail, { x, y }, { x: 0, y: 0 })) || 1;
  return result;
}

const placeOf = (x: number, y: number) => (y + reach) * (2 * reach + 1) + x + reach;

/** Sum of products where the first, moved by `window`, is in sight; the second is read `by` further. */
function overlap(
  first: Float64Array,
  second: Float64Array,
  window: { x: number; y: number },
  by: { x: number; y: number },
): number {
  const fromX = Math.max(0, -window.x);
  const toX = Math.min(half, half - window.x);
  let sum = 0;
  for (let y = Math.max(0, -window.y); y < Math.min(half, half - window.y); y++) {
    const row = y * half;
    const moved = (y + by.y) * half + by.x;
    for (let x = fromX; x < toX; x++) sum += (first[row + x] ?? 0) * (second[moved + x] ?? 0);
  }
  return sum;
}

/** Where the detail of one lies best on that of the other; undefined where nowhere well. */
function bestMove(a: View, b: Sketch): { x: number; y: number } | undefined {
  let best: { x: number; y: number } | undefined;
  let most = leastHalf;
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      const length = (a.lengths[placeOf(x, y)] ?? 1) * (b.lengths[placeOf(-x, -y)] ?? 1);
      const correlation = overlap(a.detail, b.detail, { x, y }, { x, y }) / length;
      if (correlation < most) continue;
      most = correlation;
      best = { x, y };
    }
  }
  return best;
}

// ---- registration ---------------------------------------------------------------------------------------------------------

/** Where a position of the one picture lies in the other: from the middle, scaled and moved. */
interface Affine {
  scaleX: number;
  x: number;
  scaleY: number;
  y: number;
}

const middle = (side - 1) / 2;
const steps = 8;
/** A step that moves no corner by more than this is the last. */
const smallestStep = 0.05;
const within = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));

/** The other picture where the map puts each position of the one; NaN outside. */
function sampled(other: Float64Array, { scaleX, x: moveX, scaleY, y: moveY }: Affine): Float64Array {
  const result = new Float64Array(pixels).fill(Number.NaN);
  for (let y = 0; y < side; y++) {
    const row = middle + scaleY * (y - middle) + moveY;
    if (row < 0 || row > side - 1) continue;
    const top = Math.min(side - 2, Math.floor(row));
    const down = row - top;
    for (let x = 0; x < side; x++) {
      const column = middle + scaleX * (x - middle) + moveX;
      if (column < 0 || column > side - 1) continue;
      const left = Math.min(side - 2, Math.floor(column));
      const right = column - left;
      const at = top * side + left;
      result[y * side + x] =
        ((other[at] ?? 0) * (1 - right) + (other[at + 1] ?? 0) * right) * (1 - down) +
        ((other[at + side] ?? 0) * (1 - right) + (other[at + side + 1] ?? 0) * right) * down;
    }
  }
  return result;
}

/**
 * The map from one picture to the other with the least squares, brightness and contrast free: Gauss-Newton on
 * other(map) + d other · d map = gain · one + offset.
 * @see Lucas BD, Kanade T. An iterative image registration technique with an application to stereo vision. IJCAI 1981;2:674-679
 */
function fitted(one: Float64Array, other: Float64Array, start: Affine): Affine {
  let map = start;
  for (let step = 0; step < steps; step++) {
    const there = sampled(other, map);
    const unknowns = 6;
    const matrix = Array.from({ length: unknowns }, () => new Float64Array(unknowns + 1));
    for (let y = 1; y < side - 1; y++) {
      for (let x = 1; x < side - 1; x++) {
        const i = y * side + x;
        const alongX = ((there[i + 1] ?? 0) - (there[i - 1] ?? 0)) / (2 * map.scaleX);
        const alongY = ((there[i + side] ?? 0) - (there[i - side] ?? 0)) / (2 * map.scaleY);
        const value = there[i] ?? 0;
        if (Number.isNaN(alongX + alongY + value)) continue;
        const terms = [alongX * (x - middle), alongX, alongY * (y - middle), alongY, -(one[i] ?? 0), -1];
        for (const [row, term] of terms.entries()) {
          const line = matrix[row];
          if (!line) continue;
          for (let column = 0; column < unknowns; column++)
            line[column] = (line[column] ?? 0) + term * (terms[column] ?? 0);
          line[unknowns] = (line[unknowns] ?? 0) - term * value;
        }
      }
    }
    const [scaleX = 0, x = 0, scaleY = 0, y = 0] = solved(matrix);
    const next = {
      scaleX: within(map.scaleX + within(scaleX, -0.1, 0.1), 0.8, 1.25),
      x: within(map.x + within(x, -1.5, 1.5), -5, 5),
      scaleY: within(map.scaleY + within(scaleY, -0.1, 0.1), 0.8, 1.25),
      y: within(map.y + within(y, -1.5, 1.5), -5, 5),
    };
    const moved = Math.max(
      Math.abs(next.x - map.x) + middle * Math.abs(next.scaleX - map.scaleX),
      Math.abs(next.y - map.y) + middle * Math.abs(next.scaleY - map.scaleY),
    );
    map = next;
    if (moved < smallestStep) break;
  }
  return map;
}

/** Gaussian elimination with pivots. @param lines rows of a square matrix, each with its right side; changed on the way */
function solved(lines: Float64Array[]): number[] {
  const n = lines.length;
  for (let i = 0; i < n; i++) {
    const pivot = lines.findIndex(
      (line, row) => row >= i && lines.slice(i).every((each) => Math.abs(each[i] ?? 0) <= Math.abs(line[i] ?? 0)),
    );
    const [upper, lower] = [lines[i], lines[pivot]];
    if (!upper || !lower) return [];
    lines[i] = lower;
    lines[pivot] = upper;
    const divisor = lower[i] || 1;
    for (const line of lines) {
      if (line === lower) continue;
      const factor = (line[i] ?? 0) / divisor;
      for (let column = i; column <= n; column++) line[column] = (line[column] ?? 0) - factor * (lower[column] ?? 0);
    }
  }
  return lines.map((line, i) => (line[n] ?? 0) / (line[i] || 1));
}

/** Pearson's correlation where both are in sight; 0 where one is flat. */
function correlationOf(one: Float64Array, other: Float64Array, map: Affine): number {
  const there = sampled(other, map);
  let [n, sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < pixels; i++) {
    const a = one[i] ?? 0;
    const b = there[i] ?? Number.NaN;
    if (Number.isNaN(b)) continue;
    n += 1;
    sumA += a;
    sumB += b;
    sumAA += a * a;
    sumBB += b * b;
    sumAB += a * b;
  }
  const spread = (n * sumAA - sumA * sumA) * (n * sumBB - sumB * sumB);
  return spread > 0 ? (n * sumAB - sumA * sumB) / Math.sqrt(spread) : 0;
}
