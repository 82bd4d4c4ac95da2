import { loadPortable } from "@/worker/engines";
import { buildNetwork, pooledFeatures } from "./network";
import { inputSize } from "./preprocess";
import { readWeights } from "./weights";

/** One process of the portable engine: takes images, gives features, and ends when the worker does. */
process.on("disconnect", () => process.exit(0));
const tf = await loadPortable();
const network = buildNetwork(tf, await readWeights(process.argv[2] ?? ""));
process.on("message", ({ index, input }: { index: number; input: Float32Array }) => {
  const x = tf.tensor4d(input, [1, inputSize, inputSize, 3]);
  const y = pooledFeatures(tf, network, x);
  const features = Float32Array.from(y.dataSync());
  tf.dispose([x, y]);
  process.send?.({ index, features });
});
process.send?.({ ready: true });
