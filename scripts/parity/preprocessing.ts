import { seededRandom } from "@/core/random";
import {
  addNoise,
  blur,
  canvasMean,
  centre,
  flipHorizontally,
  flipVertically,
  gaussianKernel,
  type Picture,
  padToCanvas,
  rotate,
} from "@/worker/inception/augmentation";
import { type Check, compareNumbers, largest, sum } from "./checks";
import type { PictureSums, PreprocessingFixture } from "./fixtures";
import { formulaPicture } from "./formula";
import { preprocessing as tolerance } from "./tolerances";

const picture = (width: number, height: number, key: number): Picture => ({
  width,
  height,
  channels: 1,
  values: formulaPicture(width, height, key),
});

const valueAt = ({ width, values }: Picture, x: number, y: number) => values[y * width + x] ?? Number.NaN;

function compareSums(quantity: string, path: string, expected: PictureSums, { width, values }: Picture): Check[] {
  const got = { sum: 0, sum_of_squares: 0, sum_of_x_times_value: 0, sum_of_y_times_value: 0 };
  for (const [i, value] of values.entries()) {
    got.sum += value;
    got.sum_of_squares += value * value;
    got.sum_of_x_times_value += (i % width) * value;
    got.sum_of_y_times_value += Math.floor(i / width) * value;
  }
  return (Object.keys(got) as (keyof PictureSums)[]).flatMap((key) =>
    compareNumbers(
      quantity,
      `${path}.${key}`,
      expected[key],
      got[key],
      tolerance.sum * Math.max(1, Math.abs(expected[key])),
    ),
  );
}

/** Every number of the `preprocessing` fixture. */
export function checkPreprocessing(fixture: PreprocessingFixture): Check[] {
  return [
    ...checkPadding(fixture),
    ...checkMean(fixture),
    ...checkFlips(fixture),
    ...checkRotation(fixture),
    ...checkBlur(fixture),
    ...checkNoise(fixture),
  ];
}

function checkPadding({ padding, key, size }: PreprocessingFixture): Check[] {
  return padding.flatMap(
    ({ width, height, left, right, top, bottom, first_pixel, last_pixel, before_first, ...sums }, i) => {
      const path = `padding[${i}]`;
      const canvas = padToCanvas(picture(width, height, key), size);
      const [lastX, lastY] = [size - 1 - right, size - 1 - bottom];
      return [
        ...compareNumbers("padding", `${path}.width`, width, lastX - left + 1, 0),
        ...compareNumbers("padding", `${path}.height`, height, lastY - top + 1, 0),
        ...compareNumbers("padding", `${path}.first_pixel`, first_pixel, valueAt(canvas, left, top), 0),
        ...compareNumbers("padding", `${path}.last_pixel`, last_pixel, valueAt(canvas, lastX, lastY), 0),
        ...(before_first === null
          ? []
          : compareNumbers("padding", `${path}.before_first`, before_first, valueAt(canvas, left - 1, top), 0)),
        ...compareSums("padding", path, sums, canvas),
      ];
    },
  );
}

function checkMean({ mean, size }: PreprocessingFixture): Check[] {
  const crops = mean.crops.map(([width, height, key]) => picture(width, height, key));
  const canvases = crops.map((crop) => padToCanvas(crop, size));
  const [first] = canvases;
  if (!first) throw new RangeError("the fixture has no crops to take a mean of");
  const [average = Number.NaN] = canvasMean(canvases);
  const pixels = canvases.length * size * size;
  const squares = sum(canvases.map(({ values }) => sum(values.map((value) => (value - average) ** 2))));
  const cropPixels = sum(crops.map(({ values }) => values.length));
  const imageSum = sum(canvases.map(({ values }) => sum(values))) / canvases.length;
  const centred = centre(first, [average]);
  const divided = centre(first, [average], 127.5);
  const after = mean.first_crop_after_subtraction;
  const { padding_value, pixel_139_139, ...sums } = after;
  const value = (name: string, expected: number, got: number) =>
    compareNumbers("mean", `mean.${name}`, expected, got, tolerance.value);
  const total = (name: string, expected: number, got: number) =>
    compareNumbers("mean", `mean.${name}`, expected, got, tolerance.sum * Math.abs(expected));
  return [
    ...value("mean_over_padded_canvases", mean.mean_over_padded_canvases, average),
    ...value(
      "standard_deviation_over_padded_canvases_n",
      mean.standard_deviation_over_padded_canvases_n,
      Math.sqrt(squares / pixels),
    ),
    ...value(
      "mean_over_crop_pixels_only",
      mean.mean_over_crop_pixels_only,
      sum(crops.map(({ values }) => sum(values))) / cropPixels,
    ),
    ...value(
      "mean_image_at_149_149",
      mean.mean_image_at_149_149,
      sum(canvases.map((canvas) => valueAt(canvas, 149, 149))) / canvases.length,
    ),
    ...total("mean_image_sum", mean.mean_image_sum, imageSum),
    ...value("first_crop_after_subtraction.padding_value", padding_value, valueAt(centred, 0, 0)),
    ...value("first_crop_after_subtraction.pixel_139_139", pixel_139_139, valueAt(centred, 139, 139)),
    ...compareSums("mean", "mean.first_crop_after_subtraction", sums, centred),
    ...value(
      "first_crop_after_subtraction_divided_by_127_5.padding_value",
      mean.first_crop_after_subtraction_divided_by_127_5.padding_value,
      valueAt(divided, 0, 0),
    ),
    ...total(
      "first_crop_after_subtraction_divided_by_127_5.sum",
      mean.first_crop_after_subtraction_divided_by_127_5.sum,
      sum(divided.values),
    ),
  ];
}

function checkFlips({ flips, key, size }: PreprocessingFixture): Check[] {
  const small = picture(flips.width, flips.height, key);
  const exact = (name: string, expected: number[][], got: Picture) =>
    compareNumbers("flips", `flips.${name}`, expected.flat(), got.values, 0);
  const { padded_20x21: padded } = flips;
  const [width, height] = [20, 21];
  const canvas = padToCanvas(picture(width, height, key), size);
  const horizontal = flipHorizontally(canvas);
  const vertical = flipVertically(canvas);
  const corner = valueAt(canvas, padded.left, padded.top);
  const place = (name: string, expected: number, got: number) =>
    compareNumbers("flips", `flips.padded_20x21.${name}`, expected, got, 0);
  return [
    ...exact("picture", flips.picture, small),
    ...exact("horizontal", flips.horizontal, flipHorizontally(small)),
    ...exact("vertical", flips.vertical, flipVertically(small)),
    ...exact("both", flips.both, flipVertically(flipHorizontally(small))),
    ...place("left", padded.left, size - width - padded.horizontal_first_column_of_crop),
    ...place("top", padded.top, size - height - padded.vertical_first_row_of_crop),
    ...place(
      "horizontal_first_column_of_crop",
      corner,
      valueAt(horizontal, padded.horizontal_first_column_of_crop + width - 1, padded.top),
    ),
    ...place(
      "vertical_first_row_of_crop",
      corner,
      valueAt(vertical, padded.left, padded.vertical_first_row_of_crop + height - 1),
    ),
    ...compareSums("flips", "flips.padded_20x21.horizontal", padded.horizontal, horizontal),
    ...compareSums("flips", "flips.padded_20x21.vertical", padded.vertical, vertical),
  ];
}

/** The numbers for scipy's `constant`, which zeroes the border, are known and not compared: ours is `grid-constant`. */
function checkRotation({ rotation, key, size }: PreprocessingFixture): Check[] {
  const cases = rotation.cases.flatMap(({ width, height, degrees, values }, i) =>
    compareNumbers(
      "rotation",
      `rotation.cases[${i}].values`,
      values.flat(),
      rotate(picture(width, height, key), degrees).values,
      tolerance.value,
    ),
  );
  const padded = rotation.padded_to_299.flatMap(
    ({ crop: [width, height], degrees, row_149_columns_140_to_159: row, ...sums }, i) => {
      const turned = rotate(padToCanvas(picture(width, height, key), size), degrees);
      const path = `rotation.padded_to_299[${i}]`;
      const at = 149 * size + 140;
      return [
        ...compareNumbers(
          "rotation",
          `${path}.row_149_columns_140_to_159`,
          row,
          turned.values.subarray(at, at + 20),
          tolerance.value,
        ),
        ...compareSums("rotation", path, sums, turned),
      ];
    },
  );
  return [...cases, ...padded];
}

function checkBlur({ blur: cases, key }: PreprocessingFixture): Check[] {
  return cases.flatMap(({ width, height, sigma, radius, kernel, values }, i) => {
    const got = gaussianKernel(sigma);
    return [
      ...compareNumbers("blur", `blur[${i}].radius`, radius, (got.length - 1) / 2, 0),
      ...compareNumbers("blur", `blur[${i}].kernel`, kernel, got, 1e-9),
      ...compareNumbers(
        "blur",
        `blur[${i}].values`,
        values.flat(),
        blur(picture(width, height, key), sigma).values,
        tolerance.value,
      ),
    ];
  });
}

/** Standard normal distribution function: Abramowitz and Stegun 7.1.26, error below 1.5e-7. */
function normalBelow(z: number): number {
  const t = 1 / (1 + (0.3275911 * Math.abs(z)) / Math.SQRT2);
  const series = [0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429];
  const tail = 0.5 * series.reduceRight((total, a) => (total + a) * t, 0) * Math.exp((-z * z) / 2);
  return z < 0 ? tail : 1 - tail;
}

const noiseSeed = 20240917;

function checkNoise({ noise, size }: PreprocessingFixture): Check[] {
  const sigma = 12.5;
  const flat: Picture = { width: size, height: size, channels: 1, values: new Float32Array(noise.n).fill(100) };
  const z = addNoise(flat, sigma, seededRandom(noiseSeed)).values.map((value) => (value - 100) / sigma);
  const again = addNoise(flat, sigma, seededRandom(noiseSeed)).values.map((value) => (value - 100) / sigma);
  const moment = (power: number) => sum(Float64Array.from(z, (value) => value ** power)) / z.length;
  const mean = moment(1);
  const variance = moment(2) - mean ** 2;
  const sorted = z.toSorted();
  const n = sorted.length;
  const distance = largest(
    Float64Array.from(sorted, (value, i) =>
      Math.max(Math.abs((i + 1) / n - normalBelow(value)), Math.abs(normalBelow(value) - i / n)),
    ),
  );
  const lag = sum(z.map((value, i) => value * (z[i + 1] ?? 0))) / n / variance;
  const share = (beyond: number) => z.filter((value) => Math.abs(value) > beyond).length / n;
  const bounds = noise["bounds_in_units_of_sigma_at_about_1e-6_false_alarms"];
  const below = (name: keyof typeof bounds, got: number, expected = 0) =>
    compareNumbers("noise", `noise.${name}`, expected, got, bounds[name]);
  const binomial = (p: number) => 4.9 * Math.sqrt((p * (1 - p)) / n);
  return [
    ...compareNumbers("noise", "noise.n", noise.n, size * size, 0),
    ...below("absolute_mean_below", mean),
    ...below("absolute_standard_deviation_minus_1_below", Math.sqrt(variance), 1),
    ...below("absolute_skewness_below", moment(3)),
    ...below("absolute_excess_kurtosis_below", moment(4), 3),
    ...below("kolmogorov_smirnov_distance_below", distance),
    ...below("absolute_lag_1_autocorrelation_below", lag),
    ...compareNumbers(
      "noise",
      "noise.share_beyond_2_sigma",
      noise.share_beyond_2_sigma,
      share(2),
      binomial(noise.share_beyond_2_sigma),
    ),
    ...compareNumbers(
      "noise",
      "noise.share_beyond_3_sigma",
      noise.share_beyond_3_sigma,
      share(3),
      binomial(noise.share_beyond_3_sigma),
    ),
    ...compareNumbers(
      "noise",
      "noise: the same seed again",
      0,
      largest(z.map((value, i) => value - (again[i] ?? Number.NaN))),
      0,
    ),
  ];
}
