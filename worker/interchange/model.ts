import { features } from "@/core/network/inception";
import { sizeBlindSide } from "@/core/network/input";
import { checkWeights, type LayerWeights } from "@/worker/inception/network";
import type { UnitWeights } from "@/worker/inception/training-network";

/** A trained network, whole: what every file format here is written from. */
export interface Model {
  /** Convolutions 1 .. 94 with their batch normalisations. */
  layers: readonly LayerWeights[];
  unit: UnitWeights;
  /** What the network was fed with: (x - mean) / divisor of red, green, blue 0 .. 255, on a canvas padded with zeros to size x size. */
  input: {
    /** In pixels. */
    size: number;
    mean: readonly [number, number, number];
    divisor: number;
    /** Crops were scaled, their shape kept, so that the longer side has `sizeBlindSide(size)` pixels. */
    sizeBlind?: boolean;
  };
}

/** @throws RangeError on a model that is not an Inception-v3 with one unit behind it, or whose input cannot be computed */
export function checkModel({ layers, unit, input }: Model): void {
  checkWeights(layers);
  if (unit.kernel.length !== features)
    throw new RangeError(`The last unit has ${unit.kernel.length} weights, not ${features}.`);
  if (!Number.isFinite(unit.bias)) throw new RangeError(`The last unit's bias is ${unit.bias}.`);
  if (!input.mean.every(Number.isFinite)) throw new RangeError(`The input's mean is ${input.mean.join(", ")}.`);
  if (!(input.divisor > 0 && Number.isFinite(input.divisor)))
    throw new RangeError(`The input is divided by ${input.divisor}, which must be a positive number.`);
}

/** How a crop becomes the input, for programs that open the file: `size` and `longerSide` in pixels, null where crops are not scaled. */
export const inputAsJson = ({ size, mean, divisor, sizeBlind }: Model["input"]) => ({
  size,
  mean: [...mean],
  divisor,
  longerSide: sizeBlind ? sizeBlindSide(size) : null,
});

/** How a crop becomes the input, in words for whoever opens the file. */
export const inputInWords = ({ size, sizeBlind }: Model["input"]): string =>
  sizeBlind
    ? `Red, green, blue from 0 to 255; first scaled, shape kept, to a longer side of ${sizeBlindSide(size)} pixels, then padded with zeros to ${size} x ${size}.`
    : `Red, green, blue from 0 to 255, padded with zeros to ${size} x ${size}, never stretched.`;
