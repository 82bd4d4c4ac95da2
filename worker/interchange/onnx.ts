import protobuf from "protobufjs";
import { features } from "@/core/network/inception";
import { foldNormalisation } from "@/worker/inception/network";
import { type GraphNode, networkGraph } from "./graph";
import { checkModel, inputAsJson, inputInWords, type Model } from "./model";

/*
 * ONNX (https://github.com/onnx/onnx/blob/main/docs/IR.md and Operators.md), IR version 8 with operator set 17: read by ONNX Runtime since
 * 1.12. The messages are those of onnx.proto that occur here, with its field numbers.
 */

const irVersion = 8;
const operatorSet = 17;

const schema = `
  syntax = "proto2";
  package onnx;
  message ModelProto {
    optional int64 ir_version = 1;
    optional string producer_name = 2;
    optional string doc_string = 6;
    optional GraphProto graph = 7;
    repeated OperatorSetIdProto opset_import = 8;
    repeated StringStringEntryProto metadata_props = 14;
  }
  message OperatorSetIdProto { optional string domain = 1; optional int64 version = 2; }
  message StringStringEntryProto { optional string key = 1; optional string value = 2; }
  message GraphProto {
    repeated NodeProto node = 1;
    optional string name = 2;
    repeated TensorProto initializer = 5;
    repeated ValueInfoProto input = 11;
    repeated ValueInfoProto output = 12;
  }
  message NodeProto {
    repeated string input = 1;
    repeated string output = 2;
    optional string name = 3;
    optional string op_type = 4;
    repeated AttributeProto attribute = 5;
  }
  message AttributeProto {
    enum AttributeType { INT = 2; INTS = 7; }
    optional string name = 1;
    optional int64 i = 3;
    repeated int64 ints = 8;
    optional AttributeType type = 20;
  }
  message TensorProto {
    enum DataType { FLOAT = 1; }
    repeated int64 dims = 1;
    optional int32 data_type = 2;
    optional string name = 8;
    optional bytes raw_data = 9;
  }
  message ValueInfoProto { optional string name = 1; optional TypeProto type = 2; optional string doc_string = 3; }
  message TypeProto {
    message Tensor { optional int32 elem_type = 1; optional TensorShapeProto shape = 2; }
    oneof value { Tensor tensor_type = 1; }
  }
  message TensorShapeProto {
    message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } }
    repeated Dimension dim = 1;
  }
`;

/** Values of AttributeProto.AttributeType and TensorProto.DataType. */
const attributeType = { INT: 2, INTS: 7 };
const float = 1;

interface Tensor {
  name: string;
  dims: number[];
  dataType: number;
  rawData: Uint8Array;
}
interface Node {
  name: string;
  opType: string;
  input: string[];
  output: string[];
  attribute: ({ name: string; type: number } & ({ i: number } | { ints: number[] }))[];
}

const tensor = (name: string, dims: number[], { buffer, byteOffset, byteLength }: Float32Array): Tensor => ({
  name,
  dims,
  dataType: float,
  rawData: Buffer.from(buffer, byteOffset, byteLength),
});

function node(
  opType: string,
  input: string[],
  output: string,
  attributes: { [name: string]: number | number[] } = {},
): Node {
  const attribute = Object.entries(attributes).map(([name, value]) =>
    typeof value === "number"
      ? { name, type: attributeType.INT, i: value }
      : { name, type: attributeType.INTS, ints: value },
  );
  return { name: output, opType, input, output: [output], attribute };
}

const value = (name: string, dims: (number | string)[], docString: string) => ({
  name,
  docString,
  type: {
    tensorType: {
      elemType: float,
      shape: { dim: dims.map((dim) => (typeof dim === "number" ? { dimValue: dim } : { dimParam: dim })) },
    },
  },
});

/** [height, width, in, out] to [out, in, height, width]. */
function outputsFirst(kernel: Float32Array, [height, width, channels, filters]: [number, number, number, number]) {
  const turned = new Float32Array(kernel.length);
  const pixels = height * width;
  let from = 0;
  for (let pixel = 0; pixel < pixels; pixel++)
    for (let channel = 0; channel < channels; channel++)
      for (let filter = 0; filter < filters; filter++)
        turned[(filter * channels + channel) * pixels + pixel] = kernel[from++] ?? Number.NaN;
  return turned;
}

/** Operators and numbers of one operation; its output has the operation's name. */
function translate({ name, inputs, operation }: GraphNode, model: Model): { nodes: Node[]; tensors: Tensor[] } {
  const input = inputs.map((each) => each.name);
  const only = (each: Node) => ({ nodes: [each], tensors: [] });
  switch (operation.kind) {
    case "input":
      return {
        nodes: [
          node("Sub", ["image", "input/mean"], "input/centred"),
          node("Div", ["input/centred", "input/divisor"], "input/scaled"),
          node("Transpose", ["input/scaled"], name, { perm: [0, 3, 1, 2] }),
        ],
        tensors: [
          tensor("input/mean", [3], Float32Array.from(model.input.mean)),
          tensor("input/divisor", [], Float32Array.of(model.input.divisor)),
        ],
      };
    case "maxPooling":
      return only(node("MaxPool", input, name, { kernel_shape: [3, 3], strides: [2, 2] }));
    case "averagePooling":
      return only(
        node("AveragePool", input, name, {
          kernel_shape: [3, 3],
          strides: [1, 1],
          pads: [1, 1, 1, 1],
          count_include_pad: 0,
        }),
      );
    case "concatenation":
      return only(node("Concat", input, name, { axis: 1 }));
    case "convolution": {
      const { number, shape, stride, padding } = operation;
      const layer = model.layers[number - 1];
      if (!layer) throw new RangeError(`The model lacks ${name}.`);
      const [height, width, channels, filters] = shape;
      const { kernel, bias } = foldNormalisation(layer);
      const vertical = padding === "same" ? (height - 1) / 2 : 0;
      const horizontal = padding === "same" ? (width - 1) / 2 : 0;
      const [kernelName, biasName, sum] = [`${name}/kernel`, `${name}/bias`, `${name}/sum`];
      return {
        nodes: [
          node("Conv", [...input, kernelName, biasName], sum, {
            kernel_shape: [height, width],
            strides: [stride, stride],
            pads: [vertical, horizontal, vertical, horizontal],
          }),
          node("Relu", [sum], name),
        ],
        tensors: [
          tensor(kernelName, [filters, channels, height, width], outputsFirst(kernel, shape)),
          tensor(biasName, [filters], bias),
        ],
      };
    }
  }
}

/**
 * An ONNX file of a model in inference mode, batch normalisations folded into their convolutions.
 * Input `image`: float32 [N, size, size, 3], red, green, blue 0 .. 255 on a canvas padded with zeros; (x - mean) / divisor is inside.
 * Outputs `logit` and `probability`: float32 [N, 1].
 * @throws RangeError on a model that is not whole
 */
export function writeOnnx(model: Model): Uint8Array {
  checkModel(model);
  const graph = networkGraph();
  const parts = graph.map((each) => translate(each, model));
  const last = graph.at(-1)?.name ?? "";
  const message = {
    irVersion,
    producerName: "nodewise",
    docString: "Inception-v3 with one sigmoid unit, in inference mode.",
    opsetImport: [{ domain: "", version: operatorSet }],
    metadataProps: [{ key: "nodewise_input", value: JSON.stringify(inputAsJson(model.input)) }],
    graph: {
      name: "inception_v3",
      node: [
        ...parts.flatMap(({ nodes }) => nodes),
        node("GlobalAveragePool", [last], "avg_pool"),
        node("Flatten", ["avg_pool"], "features", { axis: 1 }),
        node("Gemm", ["features", "head/kernel", "head/bias"], "logit"),
        node("Sigmoid", ["logit"], "probability"),
      ],
      initializer: [
        ...parts.flatMap(({ tensors }) => tensors),
        tensor("head/kernel", [features, 1], model.unit.kernel),
        tensor("head/bias", [1], Float32Array.of(model.unit.bias)),
      ],
      input: [value("image", ["N", model.input.size, model.input.size, 3], inputInWords(model.input))],
      output: [
        value("logit", ["N", 1], "What the sigmoid is taken of."),
        value("probability", ["N", 1], "Between 0 and 1."),
      ],
    },
  };
  return protobuf.parse(schema).root.lookupType("onnx.ModelProto").encode(message).finish();
}
