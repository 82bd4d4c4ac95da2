/*
 * Inception-v3 as Keras has it (Szegedy et al., CVPR 2016; keras.applications.inception_v3): 94 convolutions without bias, each with
 * batch normalisation (epsilon 1e-3, no scale) and ReLU, in 11 mixed blocks, then a global average. One definition for every engine.
 * Layers are numbered 1..94 in Keras's order of creation: convolution n is `conv2d_n`, its normalisation `batch_normalization_n`.
 */

/** Channels of the last block: what the last unit sees, each averaged over its positions. */
export const features = 2048;
/** Added to a variance before its root, in every batch normalisation. */
export const epsilon = 1e-3;

export const blockNames = [
  "stem",
  "mixed0",
  "mixed1",
  "mixed2",
  "mixed3",
  "mixed4",
  "mixed5",
  "mixed6",
  "mixed7",
  "mixed8",
  "mixed9",
  "mixed10",
] as const;
export type BlockName = (typeof blockNames)[number];

export type Padding = "same" | "valid";

/** What a backend supplies; the blocks below are written against it, so shapes, inference and training go through the same code. */
export interface Builder<T> {
  conv(x: T, filters: number, height: number, width: number, stride: 1 | 2, padding: Padding): T;
  maxPool(x: T): T;
  averagePool(x: T): T;
  concat(xs: T[]): T;
}

type Block = <T>(b: Builder<T>, x: T) => T;

const stem: Block = (b, input) => {
  let x = b.conv(input, 32, 3, 3, 2, "valid");
  x = b.conv(x, 32, 3, 3, 1, "valid");
  x = b.maxPool(b.conv(x, 64, 3, 3, 1, "same"));
  x = b.conv(x, 80, 1, 1, 1, "valid");
  return b.maxPool(b.conv(x, 192, 3, 3, 1, "valid"));
};

const convSame =
  <T>(b: Builder<T>) =>
  (x: T, filters: number, height: number, width: number) =>
    b.conv(x, filters, height, width, 1, "same");

/** 35 x 35 at full size. @param pooled filters behind the average pooling */
const wide =
  (pooled: number): Block =>
  (b, x) => {
    const conv = convSame(b);
    const one = conv(x, 64, 1, 1);
    const five = conv(conv(x, 48, 1, 1), 64, 5, 5);
    const double = conv(conv(conv(x, 64, 1, 1), 96, 3, 3), 96, 3, 3);
    const pool = conv(b.averagePool(x), pooled, 1, 1);
    return b.concat([one, five, double, pool]);
  };

const firstReduction: Block = (b, x) => {
  const conv = convSame(b);
  const three = b.conv(x, 384, 3, 3, 2, "valid");
  const double = b.conv(conv(conv(x, 64, 1, 1), 96, 3, 3), 96, 3, 3, 2, "valid");
  return b.concat([three, double, b.maxPool(x)]);
};

/** 17 x 17 at full size. @param n filters of the inner 1 x 7 and 7 x 1 */
const factorised =
  (n: number): Block =>
  (b, x) => {
    const conv = convSame(b);
    const one = conv(x, 192, 1, 1);
    const seven = conv(conv(conv(x, n, 1, 1), n, 1, 7), 192, 7, 1);
    const doubled = conv(conv(conv(conv(conv(x, n, 1, 1), n, 7, 1), n, 1, 7), n, 7, 1), 192, 1, 7);
    const pool = conv(b.averagePool(x), 192, 1, 1);
    return b.concat([one, seven, doubled, pool]);
  };

const secondReduction: Block = (b, x) => {
  const conv = convSame(b);
  const reduced = b.conv(conv(x, 192, 1, 1), 320, 3, 3, 2, "valid");
  const seven = b.conv(conv(conv(conv(x, 192, 1, 1), 192, 1, 7), 192, 7, 1), 192, 3, 3, 2, "valid");
  return b.concat([reduced, seven, b.maxPool(x)]);
};

/** 8 x 8 at full size. */
const expanded: Block = (b, x) => {
  const conv = convSame(b);
  const one = conv(x, 320, 1, 1);
  const split = conv(x, 384, 1, 1);
  const three = b.concat([conv(split, 384, 1, 3), conv(split, 384, 3, 1)]);
  const second = conv(conv(x, 448, 1, 1), 384, 3, 3);
  const double = b.concat([conv(second, 384, 1, 3), conv(second, 384, 3, 1)]);
  return b.concat([one, three, double, conv(b.averagePool(x), 192, 1, 1)]);
};

/** The blocks in order, the convolutions of each in Keras's order of creation. */
export const blocks: Readonly<Record<BlockName, Block>> = {
  stem,
  mixed0: wide(32),
  mixed1: wide(64),
  mixed2: wide(64),
  mixed3: firstReduction,
  mixed4: factorised(128),
  mixed5: factorised(160),
  mixed6: factorised(160),
  mixed7: factorised(192),
  mixed8: secondReduction,
  mixed9: expanded,
  mixed10: expanded,
};

/** Kernel shape [height, width, in, out] of every convolution of some blocks. @param channels of their input */
function shapesOf(names: readonly BlockName[], channels: number): [number, number, number, number][] {
  const shapes: [number, number, number, number][] = [];
  const builder: Builder<number> = {
    conv: (input, filters, height, width) => {
      shapes.push([height, width, input, filters]);
      return filters;
    },
    maxPool: (input) => input,
    averagePool: (input) => input,
    concat: (parts) => parts.reduce((sum, part) => sum + part, 0),
  };
  names.reduce((input, name) => blocks[name](builder, input), channels);
  return shapes;
}

/** Kernel shape [height, width, in, out] of every convolution, in order. */
export const kernelShapes = (): [number, number, number, number][] => shapesOf(blockNames, 3);

/** Of all blocks. */
export const convolutions = kernelShapes().length;

/** How many convolutions the blocks up to and with this one have: 5 for stem, 26 for mixed2, 94 for mixed10. */
export const convolutionsThrough = (block: BlockName): number =>
  shapesOf(blockNames.slice(0, blockNames.indexOf(block) + 1), 3).length;

/** How many convolutions come before some neighbouring blocks. */
export function convolutionsBefore([first]: readonly BlockName[]): number {
  const previous = first && blockNames[blockNames.indexOf(first) - 1];
  return previous === undefined ? 0 : convolutionsThrough(previous);
}
