import { features, kernelShapes, type LayerWeights } from "@/worker/inception/network";

/*
 * Weights and inputs of tests/parity by formula: 24-bit numbers from murmur3's finaliser, and pictures of three sinusoids.
 */

function mix(value: number): number {
  let h = value;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** `length` numbers of tensor `tensor` of layer `layer`: u in [0, 1) passed through `map`, rounded to float32. */
function fill(seed: number, layer: number, tensor: number, length: number, map: (u: number) => number): Float32Array {
  const h = mix(mix(mix(seed) ^ Math.imul(layer + 1, 0x9e3779b1)) ^ Math.imul(tensor + 1, 0x85ebca77));
  return Float32Array.from({ length }, (_, i) => map((mix(h ^ Math.imul(i + 1, 0xc2b2ae3d)) >>> 8) / 16777216));
}

/** The weights of the 94 convolutions and their batch normalisations. */
export function formulaWeights(seed: number): LayerWeights[] {
  return kernelShapes().map(([height, width, channels, filters], index) => {
    const bound = Math.sqrt(6 / (height * width * channels));
    const layer = index + 1;
    return {
      kernel: fill(seed, layer, 0, height * width * channels * filters, (u) => (2 * u - 1) * bound),
      beta: fill(seed, layer, 1, filters, (u) => (2 * u - 1) * 0.2),
      mean: fill(seed, layer, 2, filters, (u) => (2 * u - 1) * 0.2),
      variance: fill(seed, layer, 3, filters, (u) => 0.5 + u),
    };
  });
}

const headLayer = 95;

/** Kernel and bias of the last unit. */
export function formulaHead(seed: number): { kernel: Float32Array; bias: number } {
  const bound = Math.sqrt(6 / features);
  const [bias = 0] = fill(seed, headLayer, 1, 1, (u) => (2 * u - 1) * 0.2);
  return { kernel: fill(seed, headLayer, 0, features, (u) => (2 * u - 1) * bound), bias };
}

/** Input `index` of a batch: size x size x 3 numbers in [-1, 1], fed as they are. */
export function formulaImage(size: number, index: number): Float32Array {
  const turn = 2 * Math.PI;
  const b = index;
  return Float32Array.from({ length: size * size * 3 }, (_, i) => {
    const c = i % 3;
    const u = (Math.floor(i / 3) % size) / size;
    const v = Math.floor(i / (3 * size)) / size;
    return (
      0.5 * Math.sin(turn * ((3 + 2 * b) * u + (2 + 3 * b) * v) + 0.7 * c + 1.1 * b) +
      0.3 * Math.sin(turn * ((11 - 2 * b) * u - (5 + b) * v) + 1.3 * c) +
      0.2 * Math.sin(turn * (9 + 4 * b) * ((u - 0.5) * (u - 0.5) + (v - 0.45) * (v - 0.45)) + 0.5 * c)
    );
  });
}
