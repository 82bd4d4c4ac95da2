import { fitToCanvas } from "@/core/imaging/canvas";
import { normal } from "@/core/random";

/*
 * What is done to a picture between the file and the network. Pure: every function gives a new picture. x counts to the right, y down.
 */

/** Row by row, channels together: value (x, y, c) at (y * width + x) * channels + c. */
export interface Picture {
  width: number;
  height: number;
  channels: number;
  values: Float32Array;
}

/** Computes every value of a picture of the same shape. */
function mapPixels(
  { width, height, channels }: Picture,
  value: (x: number, y: number, channel: number) => number,
): Picture {
  const values = new Float32Array(width * height * channels);
  let i = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) for (let c = 0; c < channels; c++) values[i++] = value(x, y, c);
  return { width, height, channels, values };
}

/** The value at a place, 0 outside the picture. */
const at = ({ width, height, channels, values }: Picture, x: number, y: number, channel: number): number =>
  x >= 0 && y >= 0 && x < width && y < height ? (values[(y * width + x) * channels + channel] ?? 0) : 0;

/**
 * A crop on a square canvas of zeros, centred, the odd pixel to the right and below.
 * @throws RangeError when the crop is larger than the canvas: it is never scaled here
 */
export function padToCanvas(crop: Picture, size: number): Picture {
  if (crop.width > size || crop.height > size)
    throw new RangeError(`A crop of ${crop.width} x ${crop.height} does not fit on ${size} x ${size}.`);
  const { left, top } = fitToCanvas({ width: crop.width, height: crop.height, size });
  const values = new Float32Array(size * size * crop.channels);
  const row = crop.width * crop.channels;
  for (let y = 0; y < crop.height; y++)
    values.set(crop.values.subarray(y * row, (y + 1) * row), ((y + top) * size + left) * crop.channels);
  return { width: size, height: size, channels: crop.channels, values };
}

/**
 * Mean of each channel over all pixels of the padded canvases, padding counted.
 * @throws RangeError without a canvas
 */
export function canvasMean(canvases: Iterable<Picture>): number[] {
  const sums: number[] = [];
  let pixels = 0;
  for (const { width, height, channels, values } of canvases) {
    for (const [i, value] of values.entries()) sums[i % channels] = (sums[i % channels] ?? 0) + value;
    pixels += width * height;
  }
  if (pixels === 0) throw new RangeError("There is no picture to take the mean of.");
  return sums.map((sum) => sum / pixels);
}

/** (value - mean of its channel) / divisor; on a padded canvas the padding becomes -mean / divisor. */
export const centre = (picture: Picture, mean: readonly number[], divisor = 1): Picture => ({
  ...picture,
  values: picture.values.map((value, i) => (value - (mean[i % picture.channels] ?? 0)) / divisor),
});

/** Left-right. */
export const flipHorizontally = (picture: Picture): Picture =>
  mapPixels(picture, (x, y, c) => at(picture, picture.width - 1 - x, y, c));

/** Upside down. */
export const flipVertically = (picture: Picture): Picture =>
  mapPixels(picture, (x, y, c) => at(picture, x, picture.height - 1 - y, c));

/**
 * Turned about the centre ((w - 1) / 2, (h - 1) / 2), same size out, bilinear, each neighbour outside counting as 0.
 * @param degrees positive: counter-clockwise as seen
 */
export function rotate(picture: Picture, degrees: number): Picture {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [centreX, centreY] = [(picture.width - 1) / 2, (picture.height - 1) / 2];
  return mapPixels(picture, (x, y, c) => {
    const fromX = centreX + cos * (x - centreX) - sin * (y - centreY);
    const fromY = centreY + sin * (x - centreX) + cos * (y - centreY);
    const [left, top] = [Math.floor(fromX), Math.floor(fromY)];
    const [right, below] = [fromX - left, fromY - top];
    const above = (1 - right) * at(picture, left, top, c) + right * at(picture, left + 1, top, c);
    const under = (1 - right) * at(picture, left, top + 1, c) + right * at(picture, left + 1, top + 1, c);
    return (1 - below) * above + below * under;
  });
}

/** exp(-k^2 / 2 sigma^2), normalised, k = -radius .. radius, radius = floor(4 sigma + 0.5). @throws RangeError unless sigma > 0 */
export function gaussianKernel(sigma: number): Float64Array {
  if (!(sigma > 0)) throw new RangeError(`The blur needs a standard deviation above 0, not ${sigma}.`);
  const radius = Math.floor(4 * sigma + 0.5);
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-0.5 * ((i - radius) / sigma) ** 2));
  const sum = kernel.reduce((a, b) => a + b, 0);
  return kernel.map((weight) => weight / sum);
}

/** Gaussian blur, columns and then rows, zeros outside. @param sigma in pixels */
export function blur(picture: Picture, sigma: number): Picture {
  const kernel = gaussianKernel(sigma);
  const radius = (kernel.length - 1) / 2;
  const along = (from: Picture, stepX: number, stepY: number) =>
    mapPixels(from, (x, y, c) =>
      kernel.reduce(
        (sum, weight, i) => sum + weight * at(from, x + stepX * (i - radius), y + stepY * (i - radius), c),
        0,
      ),
    );
  return along(along(picture, 0, 1), 1, 0);
}

/**
 * Gaussian noise: value + sigma N(0, 1), one draw a pixel, shared by its channels, so that a grey picture stays grey.
 * @param sigma in units of the values
 * @param random a seeded generator of numbers in [0, 1)
 */
export function addNoise(picture: Picture, sigma: number, random: () => number): Picture {
  let drawn = 0;
  return mapPixels(picture, (x, y, c) => {
    if (c === 0) drawn = sigma * normal(random);
    return at(picture, x, y, c) + drawn;
  });
}
