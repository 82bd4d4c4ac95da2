import { inputLayer, type KerasLayer, kerasLayers, scalingLayer, sigmoidLayer } from "./keras-layers";
import { inputAsJson, inputInWords, type Model } from "./model";
import type { Json } from "./model-file";

/** As the converter of TensorFlow.js cuts them: a browser caches files of this size. */
const shardBytes = 4 * 1024 * 1024;

const layerJson = ({ name, className, config, inputs }: KerasLayer): Json => ({
  class_name: className,
  config: { name, ...config },
  name,
  inbound_nodes: inputs.length === 0 ? [] : [inputs.map((input): Json => [input.name, 0, 0, {}])],
});

const nodes = (...layers: KerasLayer[]): Json => layers.map(({ name }): Json => [name, 0, 0]);

/** The numbers one after the other, little-endian, cut into shards. */
function shards(layers: readonly KerasLayer[]): Uint8Array[] {
  const arrays = layers.flatMap(({ weights }) => weights.map(({ values }) => values));
  const all = Buffer.concat(
    arrays.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  );
  return Array.from({ length: Math.ceil(all.length / shardBytes) }, (_, i) =>
    all.subarray(i * shardBytes, (i + 1) * shardBytes),
  );
}

/**
 * Files of a TensorFlow.js layers model: `model.json` and shards of 4 MiB, for `tf.loadLayersModel`. Its layers have Keras's names.
 * Input `image`, float32 [N, size, size, 3], red, green, blue 0 .. 255 on a canvas padded with zeros; (x - mean) / divisor is inside.
 * Outputs: `head`, the logit [N, 1], and `probability`, [N, 1]. Batch normalisations are kept, so the model can be trained further.
 * @throws RangeError on a model that is not whole
 */
export function writeTfjsLayersModel(model: Model): { name: string; bytes: Uint8Array }[] {
  const input = inputLayer("image", model.input.size);
  const scaled = scalingLayer("input_scaling", model.input, input);
  const network = kerasLayers(model, scaled);
  const head = network.at(-1) ?? scaled;
  const probability = sigmoidLayer("probability", head);
  const layers = [input, scaled, ...network, probability];
  const parts = shards(layers);
  const name = (index: number) => `group1-shard${index + 1}of${parts.length}.bin`;
  const topology: Json = {
    format: "layers-model",
    generatedBy: "nodewise",
    convertedBy: null,
    userDefinedMetadata: { ...inputAsJson(model.input), note: inputInWords(model.input) },
    modelTopology: {
      keras_version: "2.16.0",
      backend: "tensorflow",
      model_config: {
        class_name: "Functional",
        config: {
          name: "inception_v3",
          layers: layers.map(layerJson),
          input_layers: nodes(input),
          output_layers: nodes(head, probability),
        },
      },
    },
    weightsManifest: [
      {
        paths: parts.map((_, index) => name(index)),
        weights: layers.flatMap(({ weights }) => weights.map(({ name, shape }) => ({ name, shape, dtype: "float32" }))),
      },
    ],
  };
  return [
    { name: "model.json", bytes: Buffer.from(JSON.stringify(topology)) },
    ...parts.map((bytes, index) => ({ name: name(index), bytes })),
  ];
}
