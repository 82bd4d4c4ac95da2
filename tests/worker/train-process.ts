// node --import tsx tests/worker/train-process.ts FOLDER keep|recompute: three steps on the engine in FOLDER, then the SHA-256 of what was trained.
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { formulaImage, formulaUnit, formulaWeights } from "@/scripts/parity/formula";
import { loadNative } from "@/worker/engines";
import { momentumSgd } from "@/worker/inception/optimiser";
import { buildTrainingNetwork, trainedWeights, trainStep } from "@/worker/inception/training-network";

const [, , folder, memory] = process.argv;
const parameters = { size: 139, seed: 1, set: 0, count: 4, centre: 1, frozen: 0 };
const tf = await loadNative(folder);
const weights = formulaWeights(parameters);
const original = structuredClone(weights);
const network = buildTrainingNetwork(tf, {
  weights,
  unit: formulaUnit(parameters),
  frozen: 0,
  memory: memory === "keep" ? "keep" : "recompute",
});
const pixels = Array.from({ length: parameters.count }, (_, b) => Array.from(formulaImage(parameters, b)));
const input = tf.tensor4d(pixels.flat(), [parameters.count, parameters.size, parameters.size, 3]);
const labels = tf.tensor2d([0, 1, 0, 1], [4, 1]);
const sgd = momentumSgd(tf, { learningRate: 1e-3, momentum: 0.9, decay: 0.5 });
const tensors: number[] = [];
for (let step = 0; step < 3; step++) {
  trainStep(tf, network, sgd, { input, labels });
  tensors.push(tf.memory().numTensors);
}
if (new Set(tensors).size !== 1) throw new Error(`tensors are left behind: ${tensors}`);
if (!isDeepStrictEqual(weights, original)) throw new Error("the numbers of the caller were changed");
const { layers, unit } = await trainedWeights(network);
const digest = createHash("sha256");
for (const values of layers.flatMap(({ kernel, beta, mean, variance }) => [kernel, beta, mean, variance]))
  digest.update(values);
digest.update(unit.kernel).update(Float32Array.of(unit.bias));
const { velocities } = await sgd.state();
for (const name of [...velocities.keys()].sort()) digest.update(velocities.get(name) ?? new Float32Array());
process.stdout.write(`${digest.digest("hex")}\n`);
