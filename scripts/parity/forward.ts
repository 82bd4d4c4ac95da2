import { features } from "@/core/network/inception";
import type { Tf } from "@/worker/engines";
import { buildNetwork, forward, type LayerWeights } from "@/worker/inception/network";
import { type Check, compareNumbers, compareSummary, norm, sum } from "./checks";
import { checkFormulae } from "./common";
import type { ForwardFixture } from "./fixtures";
import { formulaImage, formulaUnit, formulaWeights } from "./formula";
import { inference } from "./tolerances";

interface Activations {
  blocks: Map<string, { shape: number[]; values: Float32Array }>;
  pooled: Float32Array;
}

/** Block outputs and pooled features of every input in inference mode. */
function activations(tf: Tf, { parameters }: ForwardFixture, weights: readonly LayerWeights[]): Activations[] {
  const network = buildNetwork(tf, weights);
  const images: Activations[] = [];
  for (let b = 0; b < parameters.count; b++) {
    tf.tidy(() => {
      const input = tf.tensor4d(formulaImage(parameters, b), [1, parameters.size, parameters.size, 3]);
      const blocks: Activations["blocks"] = new Map();
      const mixed10 = forward(tf, network, input, (name, output) =>
        blocks.set(name, { shape: output.shape.slice(1), values: Float32Array.from(output.dataSync()) }),
      );
      images.push({ blocks, pooled: Float32Array.from(tf.mean(mixed10, [1, 2]).dataSync()) });
    });
  }
  network.dispose();
  return images;
}

/** Every number of a `forward*` fixture. */
export const checkForward = (tf: Tf, fixture: ForwardFixture): Check[] => [
  ...checkFormulae(fixture),
  ...compareForward(tf, fixture, formulaWeights(fixture.parameters)),
];

/** What the network of these weights gives against a fixture. */
export function compareForward(tf: Tf, fixture: ForwardFixture, weights: readonly LayerWeights[]): Check[] {
  const unit = formulaUnit(fixture.parameters);
  const checks: Check[] = [];
  for (const [b, got] of activations(tf, fixture, weights).entries()) {
    const expected = fixture.float64.images[b];
    const path = `images[${b}]`;
    for (const [name, { shape, values }] of got.blocks) {
      const block = expected?.blocks[name];
      checks.push(...compareNumbers("shapes", `shapes.${name}`, fixture.shapes[name] ?? [], shape, 0));
      if (!block) continue;
      checks.push(
        ...compareSummary("block activations", `${path}.blocks.${name}`, block, values, {
          element: inference.element * block.std,
          moment: inference.moment * block.std,
          squares: inference.moment,
        }),
      );
    }
    checks.push(
      ...compareNumbers(
        "shapes",
        `${path}.blocks: how many`,
        Object.keys(expected?.blocks ?? {}).length,
        got.blocks.size,
        0,
      ),
    );
    if (!expected) continue;
    const { pooled } = expected;
    const deviation = Math.sqrt(Math.max(0, pooled.norm ** 2 / features - (pooled.sum / features) ** 2));
    const logit = got.pooled.reduce((total, value, i) => total + value * (unit.kernel[i] ?? Number.NaN), unit.bias);
    checks.push(
      ...compareNumbers(
        "pooled vector: elements",
        `${path}.pooled.first64`,
        pooled.first64,
        got.pooled.subarray(0, 64),
        inference.pooled * deviation,
      ),
      ...compareNumbers(
        "pooled vector: norm, sum",
        `${path}.pooled.norm`,
        pooled.norm,
        norm(got.pooled),
        inference.moment * pooled.norm,
      ),
      ...compareNumbers(
        "pooled vector: norm, sum",
        `${path}.pooled.sum`,
        pooled.sum,
        sum(got.pooled),
        inference.moment * deviation * features,
      ),
      ...compareNumbers("logit and probability", `${path}.logit`, expected.logit, logit, inference.logit),
      ...compareNumbers(
        "logit and probability",
        `${path}.probability`,
        expected.probability,
        1 / (1 + Math.exp(-logit)),
        inference.logit,
      ),
    );
  }
  return checks;
}
