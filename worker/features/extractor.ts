import { blockNames, features } from "@/core/network/inception";
import type { Tf } from "@/worker/engines";
import { buildNetwork, type LayerWeights } from "@/worker/inception/network";
import { blankActivations, contentBox, windowedFeatures } from "@/worker/inception/window";

/** What surrounds a crop as network input: `networkInput` pads with zeros. */
const canvas = [0, 0, 0];

export interface Extractor {
  /** The 2048 features of each input of `networkInput`, computed in one window: the more alike their sizes, the faster. */
  extract(inputs: readonly Float32Array[]): Float32Array[];
  dispose(): void;
}

/** The frozen network on one engine, ready to take crops on squares of `size` pixels. @throws RangeError on weights of another shape */
export function openExtractor(tf: Tf, weights: readonly LayerWeights[], size: number): Extractor {
  const network = buildNetwork(tf, weights);
  const blank = blankActivations(tf, network.layers, blockNames, { size, canvas });
  return {
    extract(inputs) {
      const pixels = size * size * 3;
      const all = new Float32Array(inputs.length * pixels);
      for (const [index, input] of inputs.entries()) all.set(input, index * pixels);
      const boxes = inputs.map((input) => contentBox(input, size, canvas));
      const numbers = tf.tidy(() => {
        const x = tf.tensor4d(all, [inputs.length, size, size, 3]);
        return windowedFeatures(tf, network, x, { boxes, blank, together: inputs.length }).dataSync();
      });
      return inputs.map((_, index) => Float32Array.from(numbers.subarray(index * features, (index + 1) * features)));
    },
    dispose() {
      blank.dispose();
      network.dispose();
    },
  };
}
