import { type Builder, blockNames, blocks, type Padding } from "@/core/network/inception";

/** An operation of the network from its input to mixed10. */
export interface GraphNode {
  /** As Keras calls the layer that computes it. A convolution stands for its batch normalisation and ReLU as well. */
  name: string;
  inputs: GraphNode[];
  operation:
    | {
        kind: "convolution";
        /** 1 .. 94 */
        number: number;
        /** [height, width, in, out] */
        shape: [number, number, number, number];
        stride: 1 | 2;
        padding: Padding;
      }
    | { kind: "input" }
    /** 3 x 3, stride 2, no padding. */
    | { kind: "maxPooling" }
    /** 3 x 3, stride 1, padded; divides by the pixels that are there. */
    | { kind: "averagePooling" }
    /** Over channels. */
    | { kind: "concatenation" };
  channels: number;
}

/** The concatenations inside mixed9 and mixed10, two each, in order, as Keras calls them. */
const innerConcatenations = ["mixed9_0", "concatenate_1", "mixed9_1", "concatenate_2"];

/** Every operation in order of creation, inputs before what uses them; the first is the input, the last mixed10. */
export function networkGraph(): GraphNode[] {
  const input: GraphNode = { name: "input_1", inputs: [], operation: { kind: "input" }, channels: 3 };
  const nodes = [input];
  const count = (kind: GraphNode["operation"]["kind"]) =>
    nodes.filter(({ operation }) => operation.kind === kind).length;
  const add = (node: GraphNode): GraphNode => {
    nodes.push(node);
    return node;
  };
  const builder: Builder<GraphNode> = {
    conv(x, filters, height, width, stride, padding) {
      const number = count("convolution") + 1;
      return add({
        name: `conv2d_${number}`,
        inputs: [x],
        operation: { kind: "convolution", number, shape: [height, width, x.channels, filters], stride, padding },
        channels: filters,
      });
    },
    maxPool: (x) =>
      add({
        name: `max_pooling2d_${count("maxPooling") + 1}`,
        inputs: [x],
        operation: { kind: "maxPooling" },
        channels: x.channels,
      }),
    averagePool: (x) =>
      add({
        name: `average_pooling2d_${count("averagePooling") + 1}`,
        inputs: [x],
        operation: { kind: "averagePooling" },
        channels: x.channels,
      }),
    concat: (xs) =>
      add({
        name: "",
        inputs: xs,
        operation: { kind: "concatenation" },
        channels: xs.reduce((sum, { channels }) => sum + channels, 0),
      }),
  };
  let x = input;
  const inner = innerConcatenations.values();
  for (const block of blockNames) {
    const before = nodes.length;
    x = blocks[block](builder, x);
    for (const node of nodes.slice(before))
      if (node.operation.kind === "concatenation") node.name = node === x ? block : (inner.next().value ?? "");
  }
  return nodes;
}
