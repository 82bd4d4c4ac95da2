import type { Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import { type BlockName, type Builder, blockNames, blocks, convolutionsBefore } from "@/core/network/inception";
import type { Tf } from "@/worker/engines";
import { type FoldedLayer, foldedConvolution, type Network, pooling, runBlock, runFolded } from "./network";

/*
 * A small crop on a large canvas. In inference mode an activation that sees nothing of the crop is that of the blank canvas, whatever the
 * crop: it is computed once for some weights and a canvas. What sees the crop is a window, which grows from block to block; only it is
 * computed, from a piece of its block's input as large as it sees, and set into the blank activations. Zeros are filled in where the piece
 * ends with the map, as in the whole computation, and nowhere else. The numbers are those of the whole computation up to the order in which
 * a kernel sums on a map of another size.
 */

/** In pixels from the left and the top. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Places start .. end - 1 of a row or column of `size`. */
interface Span {
  start: number;
  end: number;
  size: number;
}

interface Area {
  rows: Span;
  columns: Span;
}

/** A piece of a map, and where it lies. */
interface Piece extends Area {
  tensor: Tensor4D;
}

/** The layers of a network up to a block make of a blank canvas this. */
export interface Blank {
  /** Outputs of the blocks by name, [1, height, width, C]. */
  outputs: ReadonlyMap<BlockName, Tensor4D>;
  size: number;
  dispose(): void;
}

/** A window larger than this share of its map is not worth its cutting and pasting. */
const largestShare = 0.8;

const reachOfPadding = (kernel: number) => (kernel - 1) / 2;
const placesOf = (size: number, kernel: number, stride: number) => Math.floor((size - kernel) / stride) + 1;

type Rule = (x: Span, kernel: number, stride: number, padding: "same" | "valid") => Span;

/** Outputs that see something of the span. */
const seeing: Rule = ({ start, end, size }, kernel, stride, padding) => {
  if (padding === "same") {
    const reach = reachOfPadding(kernel);
    return { start: Math.max(0, start - reach), end: Math.min(size, end + reach), size };
  }
  const places = placesOf(size, kernel, stride);
  return {
    start: Math.max(0, Math.ceil((start - kernel + 1) / stride)),
    end: Math.min(places, Math.floor((end - 1) / stride) + 1),
    size: places,
  };
};

/** Outputs that see nothing but the span, and the zeros around the map. */
const within: Rule = ({ start, end, size }, kernel, stride, padding) => {
  if (padding === "same") {
    const reach = reachOfPadding(kernel);
    return { start: start === 0 ? 0 : start + reach, end: end === size ? size : end - reach, size };
  }
  return {
    start: Math.ceil(start / stride),
    end: Math.floor((end - kernel) / stride) + 1,
    size: placesOf(size, kernel, stride),
  };
};

const join = (spans: readonly Span[]): Span => ({
  start: Math.min(...spans.map(({ start }) => start)),
  end: Math.max(...spans.map(({ end }) => end)),
  size: spans[0]?.size ?? 0,
});
const meet = (spans: readonly Span[]): Span => ({
  start: Math.max(...spans.map(({ start }) => start)),
  end: Math.min(...spans.map(({ end }) => end)),
  size: spans[0]?.size ?? 0,
});

/** What a block makes of a span of its input's rows or columns. */
function through(name: BlockName, along: "rows" | "columns", rule: Rule, input: Span): Span {
  const builder: Builder<Span> = {
    conv: (x, _filters, height, width, stride, padding) => rule(x, along === "rows" ? height : width, stride, padding),
    maxPool: (x) => rule(x, 3, 2, "valid"),
    averagePool: (x) => rule(x, 3, 1, "same"),
    concat: rule === seeing ? join : meet,
  };
  return blocks[name](builder, input);
}

/** The smallest span around `input` from which a block computes `output`. */
function neededFor(name: BlockName, along: "rows" | "columns", output: Span, input: Span): Span {
  for (let margin = 0; ; margin++) {
    const span = {
      start: Math.max(0, input.start - margin),
      end: Math.min(input.size, input.end + margin),
      size: input.size,
    };
    const given = through(name, along, within, span);
    const isEnough = given.start <= output.start && given.end >= output.end;
    if (isEnough || (span.start === 0 && span.end === span.size)) return span;
  }
}

const lengthOf = ({ start, end }: Span) => end - start;
const isWhole = (span: Span) => lengthOf(span) === span.size;
const isSame = (a: Area, b: Area) =>
  a.rows.start === b.rows.start &&
  a.rows.end === b.rows.end &&
  a.columns.start === b.columns.start &&
  a.columns.end === b.columns.end;

/** The part of a piece that lies at `area`. */
function cut(tf: Tf, piece: Piece, area: Area): Piece {
  if (isSame(piece, area)) return piece;
  const [n, , , channels] = piece.tensor.shape;
  const begin: [number, number, number, number] = [
    0,
    area.rows.start - piece.rows.start,
    area.columns.start - piece.columns.start,
    0,
  ];
  const size: [number, number, number, number] = [n, lengthOf(area.rows), lengthOf(area.columns), channels];
  return { ...area, tensor: tf.slice(piece.tensor, begin, size) };
}

const wholeMap = (tensor: Tensor4D): Piece => {
  const [, height, width] = tensor.shape;
  return {
    tensor,
    rows: { start: 0, end: height, size: height },
    columns: { start: 0, end: width, size: width },
  };
};

/** Zeros around a piece so that it fills `area`. */
function fill(tf: Tf, piece: Piece, area: Area): Tensor4D {
  return tf.pad(piece.tensor, [
    [0, 0],
    [piece.rows.start - area.rows.start, area.rows.end - piece.rows.end],
    [piece.columns.start - area.columns.start, area.columns.end - piece.columns.end],
    [0, 0],
  ]);
}

/** A window in the blank activations around it. Exact: every place is the sum of a number and a zero. */
function paste(tf: Tf, window: Piece, blank: Tensor4D, area: Area): Piece {
  if (isSame(window, area)) return window;
  const around = cut(tf, wholeMap(blank), area);
  const under = fill(tf, cut(tf, around, window), area);
  return { ...area, tensor: tf.add(fill(tf, window, area), tf.sub(around.tensor, under)) };
}

/** Operations on pieces: each gives what it can compute of its map from the piece that it has. */
function onPieces(tf: Tf, layers: Iterator<FoldedLayer>): Builder<Piece> {
  const plain = pooling(tf);
  const after = (
    { rows, columns }: Area,
    height: number,
    width: number,
    stride: number,
    padding: "same" | "valid",
  ) => ({
    rows: within(rows, height, stride, padding),
    columns: within(columns, width, stride, padding),
  });
  /** The part of the input that `output` sees when nothing is filled in. */
  const seenBy = (output: Area, x: Piece, height: number, width: number, stride: number): Area => {
    const seen = (span: Span, kernel: number, size: number): Span => ({
      start: span.start * stride,
      end: (span.end - 1) * stride + kernel,
      size,
    });
    return { rows: seen(output.rows, height, x.rows.size), columns: seen(output.columns, width, x.columns.size) };
  };
  return {
    conv(x, _filters, height, width, stride, padding) {
      const { value: layer } = layers.next();
      if (!layer) throw new RangeError("the network has fewer layers than its topology");
      const output = after(x, height, width, stride, padding);
      if (padding === "valid") {
        const { tensor } = cut(tf, x, seenBy(output, x, height, width, stride));
        return { ...output, tensor: foldedConvolution(tf, tensor, layer, stride, "valid") };
      }
      if (isWhole(x.rows) && isWhole(x.columns))
        return { ...output, tensor: foldedConvolution(tf, x.tensor, layer, 1, "same") };
      const margins = (span: Span, kernel: number): [number, number] => [
        span.start === 0 ? reachOfPadding(kernel) : 0,
        span.end === span.size ? reachOfPadding(kernel) : 0,
      ];
      const [above, below] = margins(x.rows, height);
      const [left, right] = margins(x.columns, width);
      const isInside = above + below + left + right === 0;
      const tensor = isInside
        ? x.tensor
        : tf.pad(x.tensor, [
            [0, 0],
            [above, below],
            [left, right],
            [0, 0],
          ]);
      return { ...output, tensor: foldedConvolution(tf, tensor, layer, 1, "valid") };
    },
    maxPool(x) {
      const output = after(x, 3, 3, 2, "valid");
      return { ...output, tensor: plain.maxPool(cut(tf, x, seenBy(output, x, 3, 3, 2)).tensor) };
    },
    averagePool(x) {
      // The rim of a piece that does not end with its map has too few neighbours, and is cut off.
      return cut(tf, { ...x, tensor: plain.averagePool(x.tensor) }, after(x, 3, 3, 1, "same"));
    },
    concat(xs) {
      const area = { rows: meet(xs.map((x) => x.rows)), columns: meet(xs.map((x) => x.columns)) };
      return { ...area, tensor: plain.concat(xs.map((x) => cut(tf, x, area).tensor)) };
    },
  };
}

/**
 * What some blocks make of a blank canvas; kept until it is disposed.
 * @param layers folded convolutions 1 .. of these blocks at least
 * @param canvas its value in each of 3 channels
 */
export function blankActivations(
  tf: Tf,
  layers: readonly FoldedLayer[],
  names: readonly BlockName[],
  { size, canvas }: { size: number; canvas: readonly number[] },
): Blank {
  const outputs = new Map<BlockName, Tensor4D>();
  tf.tidy(() => {
    const input: Tensor4D = tf.tile(tf.tensor4d([...canvas], [1, 1, 1, 3]), [1, size, size, 1]);
    runFolded(tf, layers, names, input, (name, output) => outputs.set(name, tf.keep(output)));
  });
  return { outputs, size, dispose: () => tf.dispose([...outputs.values()]) };
}

/** The smallest box around some boxes. */
function around(boxes: readonly Box[]): Box {
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  return {
    x,
    y,
    width: Math.max(...boxes.map((box) => box.x + box.width)) - x,
    height: Math.max(...boxes.map((box) => box.y + box.height)) - y,
  };
}

/** Outputs of the first blocks for pictures that are blank outside of one box. */
function oneWindow(
  tf: Tf,
  layers: readonly FoldedLayer[],
  names: readonly BlockName[],
  input: Tensor4D,
  { box, blank }: { box: Box; blank: Blank },
): Tensor4D {
  const [, height, width] = input.shape;
  const spanOf = (start: number, length: number, size: number): Span => ({
    start: Math.max(0, Math.min(start, size - 1)),
    end: Math.min(size, Math.max(start + length, 1)),
    size,
  });
  const area = { rows: spanOf(box.y, box.height, height), columns: spanOf(box.x, box.width, width) };
  let window: Piece = cut(tf, wholeMap(input), area);
  for (const [index, name] of names.entries()) {
    const previous = blockNames[blockNames.indexOf(name) - 1];
    const under = previous && blank.outputs.get(previous);
    const output = {
      rows: through(name, "rows", seeing, window.rows),
      columns: through(name, "columns", seeing, window.columns),
    };
    const share = (lengthOf(output.rows) * lengthOf(output.columns)) / (output.rows.size * output.columns.size);
    if (share > largestShare) {
      const whole = under ? paste(tf, window, under, wholeMap(under)).tensor : input;
      return runFolded(tf, layers, names.slice(index), whole);
    }
    const needed = {
      rows: neededFor(name, "rows", output.rows, window.rows),
      columns: neededFor(name, "columns", output.columns, window.columns),
    };
    const tensor = tf.tidy(() => {
      const piece = under ? paste(tf, window, under, needed) : cut(tf, wholeMap(input), needed);
      const builder = onPieces(tf, layers.slice(convolutionsBefore([name])).values());
      return cut(
        tf,
        runBlock(name, builder, piece, (value) => value.tensor.dispose()),
        output,
      ).tensor;
    });
    window = { ...output, tensor };
  }
  const last = names.at(-1);
  const under = last && blank.outputs.get(last);
  return under ? paste(tf, window, under, wholeMap(under)).tensor : input;
}

/** Numbers of boxes together, those of similar sizes side by side. */
function similar(boxes: readonly Box[], together: number): number[][] {
  const longer = ({ width, height }: Box) => Math.max(width, height);
  const order = boxes.map((box, index) => ({ index, length: longer(box) })).sort((a, b) => a.length - b.length);
  return Array.from({ length: Math.ceil(order.length / together) }, (_, group) =>
    order.slice(group * together, (group + 1) * together).map(({ index }) => index),
  );
}

/**
 * Outputs of a network's first blocks, frozen and in inference mode, for pictures that are blank outside of a box each.
 * @param layers folded convolutions 1 .. of these blocks at least
 * @param names the first blocks, in order
 * @param input [N, size, size, 3], each equal to the canvas of `blank` outside of its box
 * @param options.together how many pictures of similar boxes share a window
 * @returns [N, height, width, C] in the order of the pictures; call within tf.tidy
 */
export function windowedBlocks(
  tf: Tf,
  layers: readonly FoldedLayer[],
  names: readonly BlockName[],
  input: Tensor4D,
  { boxes, blank, together }: { boxes: readonly Box[]; blank: Blank; together: number },
): Tensor4D {
  if (boxes.length !== input.shape[0])
    throw new RangeError(`${input.shape[0]} pictures have ${boxes.length} boxes: one each is needed.`);
  const groups = similar(boxes, together);
  if (groups.length === 1) return oneWindow(tf, layers, names, input, { box: around(boxes), blank });
  const outputs = groups.map((group) =>
    tf.tidy(() => {
      const box = around(group.flatMap((index) => boxes[index] ?? []));
      return oneWindow(tf, layers, names, tf.gather(input, group), { box, blank });
    }),
  );
  const places: number[] = [];
  for (const [place, index] of groups.flat().entries()) places[index] = place;
  return tf.tidy(() => tf.gather(tf.concat(outputs, 0), places));
}

/**
 * The 2048 numbers of each picture before the last unit: `pooledFeatures`, computed in windows.
 * @param blank of all blocks
 * @returns [N, 2048]
 */
export const windowedFeatures = (
  tf: Tf,
  { layers }: Network,
  input: Tensor4D,
  options: { boxes: readonly Box[]; blank: Blank; together: number },
): Tensor2D => tf.tidy(() => tf.mean(windowedBlocks(tf, layers, blockNames, input, options), [1, 2]));

/**
 * The smallest box outside of which a picture is canvas; one pixel in the corner when all of it is.
 * @param values row by row, 3 channels together
 * @param canvas value of each channel
 */
export function contentBox(values: ArrayLike<number>, size: number, canvas: readonly number[]): Box {
  let [left, right, top, bottom] = [size, -1, size, -1];
  for (let y = 0, i = 0; y < size; y++)
    for (let x = 0; x < size; x++, i += 3)
      if (values[i] !== canvas[0] || values[i + 1] !== canvas[1] || values[i + 2] !== canvas[2]) {
        if (x < left) left = x;
        if (x > right) right = x;
        if (y < top) top = y;
        bottom = y;
      }
  return right < 0
    ? { x: 0, y: 0, width: 1, height: 1 }
    : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}
