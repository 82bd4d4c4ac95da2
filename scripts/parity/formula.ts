import { features, kernelShapes } from "@/core/network/inception";
import type { LayerWeights } from "@/worker/inception/network";
import type { UnitWeights } from "@/worker/inception/training-network";

/*
 * What the fixtures start from, by formula instead of stored: weights are 24-bit numbers from murmur3's finaliser, inputs are three
 * sinusoids. Computed in doubles, rounded once to float32.
 */

export interface FixtureParameters {
  /** Height and width of the inputs. */
  size: number;
  seed: number;
  /** Which inputs and labels. */
  set: number;
  /** Inputs in the batch. */
  count: number;
  /** Middle of the betas. */
  centre: number;
  /** Convolutions frozen. */
  frozen: number;
}

function mix(value: number): number {
  let h = value;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** `length` numbers of tensor `tensor` of layer `layer`: u in [0, 1) passed through `map`. */
function fill(seed: number, layer: number, tensor: number, length: number, map: (u: number) => number): Float32Array {
  const h = mix(mix(mix(seed) ^ Math.imul(layer + 1, 0x9e3779b1)) ^ Math.imul(tensor + 1, 0x85ebca77));
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = map((mix(h ^ Math.imul(i + 1, 0xc2b2ae3d)) >>> 8) / 16777216);
  return values;
}

/** The 94 convolutions and their batch normalisations. */
export function formulaWeights({ seed, centre }: FixtureParameters): LayerWeights[] {
  return kernelShapes().map(([height, width, channels, filters], index) => {
    const bound = Math.sqrt(6 / (height * width * channels));
    const layer = index + 1;
    return {
      kernel: fill(seed, layer, 0, height * width * channels * filters, (u) => (2 * u - 1) * bound),
      beta: fill(seed, layer, 1, filters, (u) => centre + (2 * u - 1) * 0.2),
      mean: fill(seed, layer, 2, filters, (u) => (2 * u - 1) * 0.2),
      variance: fill(seed, layer, 3, filters, (u) => 0.5 + u),
    };
  });
}

const unitLayer = 95;

/** The last unit. */
export function formulaUnit({ seed }: FixtureParameters): UnitWeights {
  const bound = Math.sqrt(6 / features);
  const [bias = Number.NaN] = fill(seed, unitLayer, 1, 1, (u) => (2 * u - 1) * 0.2);
  return { kernel: fill(seed, unitLayer, 0, features, (u) => (2 * u - 1) * bound), bias };
}

/** Input b of the batch: size x size x 3 numbers in [-1, 1], fed as they are. */
export function formulaImage({ size, set: k }: FixtureParameters, b: number): Float32Array {
  const turn = 2 * Math.PI;
  return Float32Array.from({ length: size * size * 3 }, (_, i) => {
    const c = i % 3;
    const u = (Math.floor(i / 3) % size) / size;
    const v = Math.floor(i / (3 * size)) / size;
    return (
      0.5 * Math.sin(turn * ((3 + 2 * b + k) * u + (2 + 3 * b) * v) + 0.7 * c + 1.1 * b) +
      0.3 * Math.sin(turn * ((11 - 2 * b) * u - (5 + b + k) * v) + 1.3 * c + 0.4 * k) +
      0.2 * Math.sin(turn * (9 + 4 * b) * ((u - 0.5) * (u - 0.5) + (v - 0.45) * (v - 0.45)) + 0.5 * c)
    );
  });
}

/** 0 1 1 0 0 1 1 0 .. for set 0, shifted by the set. */
export const formulaLabels = ({ count, set }: FixtureParameters): number[] =>
  Array.from({ length: count }, (_, i) => Math.floor((i + set + 1) / 2) % 2);

/** Grey test picture, 0 .. 255. */
export const formulaPicture = (width: number, height: number, key: number): Float32Array =>
  Float32Array.from({ length: width * height }, (_, i) => {
    const x = i % width;
    const y = Math.floor(i / width);
    return (37 * x + 91 * y + 13 * x * y + 7 * x * x + 53 * key) % 256;
  });
