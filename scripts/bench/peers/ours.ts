// Our network on one engine, in the protocol of the peers: lines of JSON in, {"op", "n", "first"}; lines of JSON out, {"ms", "mb"}.
import { createInterface } from "node:readline";
import { z } from "zod";
import { convolutionsThrough } from "@/core/network/inception";
import { publishedInput as inputSize } from "@/core/network/input";
import { seededRandom } from "@/core/random";
import { SaidError } from "@/core/words/said";
import { formulaUnit, formulaWeights } from "@/scripts/parity/formula";
import { engineNames, findEngine, loadEngine } from "@/worker/engines";
import { imagesAtOnce } from "@/worker/features/extract-features";
import { openExtractor } from "@/worker/features/extractor";
import { momentumSgd } from "@/worker/inception/optimiser";
import { buildTrainingNetwork, trainStep } from "@/worker/inception/training-network";
import { contentBox } from "@/worker/inception/window";

const question = z.object({
  op: z.enum(["train", "train-frozen", "score"]),
  n: z.number(),
  first: z.number().default(0),
});
const [, , name, memory] = process.argv;
const found = await findEngine(z.enum(engineNames).parse(name));
if (!found.engine) throw new SaidError(found.reason);
const tf = await loadEngine(found.engine);
const parameters = { size: inputSize, seed: 1, set: 0, count: 2, centre: 1, frozen: 0 };
const weights = formulaWeights(parameters);

/** Crop `number` of 20 to 111 pixels a side, on its canvas of zeros, with the length of its longer side. */
function crop(number: number): { values: Float32Array; length: number } {
  const random = seededRandom(number + 1);
  const side = () => 20 + Math.floor(random() * 92);
  const [width, height] = [side(), side()];
  const [left, top] = [Math.floor((inputSize - width) / 2), Math.floor((inputSize - height) / 2)];
  const values = new Float32Array(inputSize * inputSize * 3);
  for (let y = top; y < top + height; y++)
    for (let i = (y * inputSize + left) * 3; i < (y * inputSize + left + width) * 3; i++) values[i] = 0.1 + random();
  return { values, length: Math.max(width, height) };
}

function trainer(frozen: number) {
  const network = buildTrainingNetwork(tf, {
    weights,
    unit: formulaUnit(parameters),
    frozen,
    memory: z.enum(["keep", "recompute"]).parse(memory),
  });
  const sgd = momentumSgd(tf, { learningRate: 1e-4, momentum: 0.95, decay: 1e-6 });
  return (n: number) => {
    const crops = Array.from({ length: n }, (_, i) => crop(i));
    const values = new Float32Array(n * inputSize * inputSize * 3);
    for (const [i, each] of crops.entries()) values.set(each.values, i * each.values.length);
    const input = tf.tensor4d(values, [n, inputSize, inputSize, 3]);
    const labels = tf.tensor2d(
      crops.map((_, i) => i % 2),
      [n, 1],
    );
    const started = performance.now();
    const windows = crops.map((each) => contentBox(each.values, inputSize, [0, 0, 0]));
    trainStep(tf, network, sgd, { input, labels, windows });
    const milliseconds = performance.now() - started;
    tf.dispose([input, labels]);
    return milliseconds;
  };
}

function scorer() {
  const extractor = openExtractor(tf, weights, inputSize);
  return (n: number, first: number) => {
    const crops = Array.from({ length: n }, (_, i) => crop(first + i));
    const started = performance.now();
    // As trainings and scorings take them.
    crops.sort((a, b) => a.length - b.length);
    for (let i = 0; i < n; i += imagesAtOnce)
      extractor.extract(crops.slice(i, i + imagesAtOnce).map(({ values }) => values));
    return performance.now() - started;
  };
}

const work = new Map<string, (n: number, first: number) => number>();
const make = {
  train: () => trainer(0),
  "train-frozen": () => trainer(convolutionsThrough("mixed2")),
  score: scorer,
};
process.stdout.write(`${JSON.stringify({ ready: `ours, ${found.engine.name} ${found.engine.version}` })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const { op, n, first } = question.parse(JSON.parse(line));
  const run = work.get(op) ?? make[op]();
  work.set(op, run);
  const ms = run(n, first);
  process.stdout.write(`${JSON.stringify({ ms, mb: process.resourceUsage().maxRSS / 1024 })}\n`);
}
