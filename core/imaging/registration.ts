import { thumbnailSide } from "./perceptual-hash";

/*
 * Whether two thumbnails show one picture that was mirrored, turned by quarters, moved by a few pixels or cut anew. Three sieves, each for what
 * passed the one before, because most of n (n - 1) / 2 pairs must cost next to nothing:
 *
 * 1. spectra: the magnitudes of its spatial frequencies do not change when a picture is moved, and change places when it is mirrored or turned;
 * 2. the detail at half size, moved by up to two positions each way: normalised cross-correlation;
 * 3. the view that it likes best, scaled and moved until it fits (Gauss-Newton): correlation of what is seen, and of its finest detail. Two nodes in fat
 *    may look alike as a whole; no two have the same grain.
 */

const side = thumbnailSide;
const half = side / 2;
const pixels = side * side;

/** How a picture can be held: bit 0 mirrors left and right, bit 1 above and below, bit 2 exchanges rows and columns before. */
const ways = 8;

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

/** Standard deviations of the blurs that take the rest away from detail, in positions: what survives at half size, and what no two nodes share. */
const coarse = 2;
const fine = 1;

/**
 * Least correlations of the three sieves. Measured on 200 windows of 12 to 140 pixels out of T2-weighted MR, breast ultrasound and brain MR, each once as
 * it is and once changed, and on 499,500 pairs of 1,000 such windows that do not overlap; found by these sieves alone, of 200:
 *
 * ```
 * mirrored, turned, both (six ways)                                         200
 * moved by 1 or 2 pixels; mirrored besides; JPEG of quality 75 besides      198; 198; 194
 * cut anew, up to 5 % narrower at each edge; turned besides                 200; 200
 * each edge moved by up to 3 pixels                                         190
 * mirrored, JPEG of quality 75; turned, at 80 %                             197; 183
 * false, of 499,500 pairs, at the edge of the skull, where windows are half black    7
 * false, of 499,500 pairs of drawn nodes                                             11
 * added to what hash and thumbnail find in 647 images of BUSI and 253 of brain MR    29, by eye one picture each
 * ```
 */
const leastSpectrum = 0.57;
const leastHalf = 0.42;
/** Of the detail behind the registration. */
const leastDetail = 0.73;
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
  /** The finest detail, once it was asked for. */
  grain?: Float64Array;
}

/** @param thumbnail `thumbnailSide` x `thumbnailSide` grey values, row by row */
export function sketchOf(thumbnail: ArrayLike<number>): Sketch {
  const seen = Float64Array.from(thumbnail);
  const whole = detailOf(seen, coarse);
  const detail = halved(whole);
  return { thumbnail: seen, spectrum: spectrumOf(whole), detail, lengths: lengthsOf(detail) };
}

/** A picture held in all eight ways; those that are turned by a half from each other share a spectrum and stand together. */
export function viewsOf({ thumbnail, spectrum, detail }: Sketch): Views {
  return turned.map((places, turn) => {
    let held: View[] | undefined;
    return {
      spectrum: Float64Array.from(places, (place) => spectrum[place] ?? 0),
      held: () => {
        held ??= waysOfTurn(turn).map((way) => {
          const heldDetail = heldAs(detail, half, way);
          return { thumbnail: heldAs(thumbnail, side, way), detail: heldDetail, lengths: lengthsOf(heldDetail) };
        });
        return held;
      },
    };
  });
}

type View = Omit<Sketch, "spectrum">;
/** `held`: computed for the few of which the spectrum is another's. */
export type Views = { spectrum: Float64Array; held: () => View[] }[];

/**
 * The correlation of a picture and another behind the best registration of one of its views.
 * @param views `viewsOf` the one
 * @returns undefined when no view of it is the other
 */
export function registered(views: Views, other: Sketch): number | undefined {
  let found: { view: View; x: number; y: number; correlation: number } | undefined;
  for (const { spectrum, held } of views) {
    if (dot(spectrum, other.spectrum) < leastSpectrum) continue;
    for (const view of held()) {
      const move = bestMove(view, other);
      if (move.correlation > (found?.correlation ?? leastHalf)) found = { view, ...move };
    }
  }
  if (!found) return undefined;
  const { view, x, y } = found;
  const map = fitted(view.thumbnail, other.thumbnail, { scaleX: 1, x: 2 * x, scaleY: 1, y: 2 * y });
  if (!map) return undefined;
  const correlation = correlationOf(view.thumbnail, other.thumbnail, map);
  if (correlation < registeredCorrelation) return undefined;
  const detail = correlationOf(grainOf(view), grainOf(other), map);
  return detail < leastDetail ? undefined : correlation;
}

// ---- how a picture is held ------------------------------------------------------------------------------------------------

/** Whether a way mirrors, in what the spectrum sees of it, and whether it exchanges rows and columns: 0 to 3. */
const turnOf = (way: number) => (way & 4 ? 2 : 0) + ((way ^ (way >> 1)) & 1);
const waysOfTurn = (turn: number) =>
  Array.from({ length: ways }, (_, way) => way).filter((way) => turnOf(way) === turn);

/** For each turn, which entry of a spectrum comes to which place. */
const turned = [0, 1, 2, 3].map((turn) =>
  Int32Array.from(frequencies, ({ u, v }) => {
    const [x, y] = turn & 2 ? [v, u] : [u, v];
    const mirrored = turn & 1 ? -x : x;
    return frequencies.findIndex(
      (each) => (each.u === mirrored && each.v === y) || (each.u === -mirrored && each.v === -y),
    );
  }),
);

function heldAs(values: Float64Array, length: number, way: number): Float64Array {
  const held = new Float64Array(values.length);
  for (let y = 0; y < length; y++) {
    for (let x = 0; x < length; x++) {
      const [column, row] = way & 4 ? [y, x] : [x, y];
      const fromX = way & 1 ? length - 1 - column : column;
      const fromY = way & 2 ? length - 1 - row : row;
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

/** Roots of the magnitudes of the detail's frequencies, each raised by its frequency, as pictures have less of the high ones. */
function spectrumOf(detail: Float64Array): Float64Array {
  const columns = cosines.map((_, i) => rowsAlong(detail, i));
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
function rowsAlong(detail: Float64Array, frequency: number) {
  const [cosine, sine] = [cosines[frequency] ?? window, sines[frequency] ?? window];
  const real = new Float64Array(side);
  const imaginary = new Float64Array(side);
  for (let y = 0; y < side; y++) {
    let [re, im] = [0, 0];
    for (let x = 0; x < side; x++) {
      const value = (detail[y * side + x] ?? 0) * (window[x] ?? 0) * (window[y] ?? 0);
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

/** For each position of a blurred line, from which position on the line counts in it and by how much; at the ends the blur is over what there is. */
const blurOf = (deviation: number) =>
  Array.from({ length: side }, (_, to) => {
    const first = Math.max(0, to - 3 * deviation);
    const weights = Float64Array.from({ length: Math.min(side, to + 3 * deviation + 1) - first }, (_, i) =>
      Math.exp(-((first + i - to) ** 2) / (2 * deviation ** 2)),
    );
    const all = weights.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: weights.map((weight) => weight / all) };
  });
const blurs = { [coarse]: blurOf(coarse), [fine]: blurOf(fine) };

/** What a blur takes away. */
function detailOf(thumbnail: Float64Array, beyond: typeof coarse | typeof fine): Float64Array {
  const blur = blurs[beyond];
  const blurred = blurredAndTurned(blurredAndTurned(thumbnail, blur), blur);
  return thumbnail.map((value, i) => value - (blurred[i] ?? 0));
}

/** The finest detail of a picture, computed for the few that come so far, and once for each. */
function grainOf(picture: View): Float64Array {
  picture.grain ??= detailOf(picture.thumbnail, fine);
  return picture.grain;
}

/** Blurred along the rows, which become the columns. */
function blurredAndTurned(values: Float64Array, blur: ReturnType<typeof blurOf>): Float64Array {
  const result = new Float64Array(pixels);
  for (const [x, { first, weights }] of blur.entries()) {
    for (let y = 0; y < side; y++) {
      const from = y * side + first;
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += (values[from + i] ?? 0) * (weights[i] ?? 0);
      result[x * side + y] = sum;
    }
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

/** Where the detail of one lies best on that of the other. Every second move alone would miss one in twenty crops that were moved. */
function bestMove(a: View, b: Sketch): { x: number; y: number; correlation: number } {
  let best = { x: 0, y: 0, correlation: -1 };
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      const length = (a.lengths[placeOf(x, y)] ?? 1) * (b.lengths[placeOf(-x, -y)] ?? 1);
      const correlation = overlap(a.detail, b.detail, { x, y }, { x, y }) / length;
      if (correlation > best.correlation) best = { x, y, correlation };
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
/** Steps after which a registration that is far from `registeredCorrelation` is given up. */
const stepsOnTrial = 2;
const promising = 0.8;
/** A step that moves no corner by more than this is the last. */
const smallestStep = 0.05;
const within = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));

const lastSampled = new Float64Array(pixels);

/** The other picture where the map puts each position of the one; NaN outside. It counts until the next call: there are thousands. */
function sampled(other: Float64Array, { scaleX, x: moveX, scaleY, y: moveY }: Affine): Float64Array {
  const result = lastSampled.fill(Number.NaN);
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
 * other(map) + d other · d map = gain · one + offset. Undefined where it does not come near.
 * @see Lucas BD, Kanade T. An iterative image registration technique with an application to stereo vision. IJCAI 1981;2:674-679
 */
function fitted(one: Float64Array, other: Float64Array, start: Affine): Affine | undefined {
  let map = start;
  for (let step = 0; step < steps; step++) {
    if (step === stepsOnTrial && correlationOf(one, other, map) < promising) return undefined;
    const [scaleX = 0, x = 0, scaleY = 0, y = 0] = solved(normalEquations(one, sampled(other, map), map));
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

const unknowns = 6;
const width = unknowns + 1;

/** What each position says of the unknowns and the right side, one after the other; written anew for every step, as there are thousands. */
const ofEach = () => new Float64Array(pixels);
const terms = [ofEach(), ofEach(), ofEach(), ofEach(), ofEach(), ofEach(), ofEach()] as const;

/** Of one step: scale and move along x, the same along y, gain, offset; each line with its right side. */
function normalEquations(one: Float64Array, there: Float64Array, { scaleX, scaleY }: Affine): Float64Array {
  const [byScaleX, byX, byScaleY, byY, byGain, byOffset, right] = terms;
  let seen = 0;
  for (let y = 1; y < side - 1; y++) {
    for (let x = 1; x < side - 1; x++) {
      const i = y * side + x;
      const alongX = ((there[i + 1] ?? 0) - (there[i - 1] ?? 0)) / (2 * scaleX);
      const alongY = ((there[i + side] ?? 0) - (there[i - side] ?? 0)) / (2 * scaleY);
      const value = there[i] ?? 0;
      if (Number.isNaN(alongX + alongY + value)) continue;
      byScaleX[seen] = alongX * (x - middle);
      byX[seen] = alongX;
      byScaleY[seen] = alongY * (y - middle);
      byY[seen] = alongY;
      byGain[seen] = -(one[i] ?? 0);
      byOffset[seen] = -1;
      right[seen] = -value;
      seen += 1;
    }
  }
  const lines = new Float64Array(unknowns * width);
  for (const [row, first] of terms.slice(0, unknowns).entries()) {
    for (const [column, second] of terms.entries()) {
      if (column < row) continue;
      let sum = 0;
      for (let i = 0; i < seen; i++) sum += (first[i] ?? 0) * (second[i] ?? 0);
      lines[row * width + column] = sum;
    }
  }
  for (let row = 1; row < unknowns; row++)
    for (let column = 0; column < row; column++) lines[row * width + column] = lines[column * width + row] ?? 0;
  return lines;
}

/** Gaussian elimination; a matrix of sums of squares needs no exchange of lines. @param lines changed on the way */
function solved(lines: Float64Array): number[] {
  for (let i = 0; i < unknowns; i++) {
    const divisor = lines[i * width + i] || 1;
    for (let row = 0; row < unknowns; row++) {
      if (row === i) continue;
      const factor = (lines[row * width + i] ?? 0) / divisor;
      for (let column = i; column < width; column++)
        lines[row * width + column] = (lines[row * width + column] ?? 0) - factor * (lines[i * width + column] ?? 0);
    }
  }
  return Array.from({ length: unknowns }, (_, i) => (lines[i * width + unknowns] ?? 0) / (lines[i * width + i] || 1));
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
