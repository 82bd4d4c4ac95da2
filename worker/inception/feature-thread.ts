import { parentPort, workerData } from "node:worker_threads";
import { loadPortable } from "@/worker/engines";
import { buildNetwork, pooledFeatures } from "./network";
import { inputSize } from "./preprocess";
import { readWeights } from "./weights";

/** One thread of the portable engine: takes images, gives features, until it is terminated. */
const tf = await loadPortable();
const network = buildNetwork(tf, await readWeights(workerData.weights));
parentPort?.on("message", ({ index, input }: { index: number; input: Float32Array }) => {
  const x = tf.tensor4d(input, [1, inputSize, inputSize, 3]);
  const y = pooledFeatures(tf, network, x);
  const features = Float32Array.from(y.dataSync());
  tf.dispose([x, y]);
  parentPort?.postMessage({ index, features, tensors: tf.memory().numTensors }, [features.buffer]);
});
parentPort?.postMessage({ ready: true });
