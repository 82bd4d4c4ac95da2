import type { Variable } from "@tensorflow/tfjs-core";
import { type Builder, blockNames, blocks, features } from "@/core/network/inception";
import type { Tf } from "@/worker/engines";
import { momentumSgd, type SgdSettings } from "@/worker/inception/optimiser";
import { backward, buildTrainingNetwork, trainedWeights, trainingLoss } from "@/worker/inception/training-network";
import { type Check, compareNumbers, largest, norm, spread8, sum } from "./checks";
import { checkFormulae } from "./common";
import type { TrainFixture } from "./fixtures";
import { formulaImage, formulaLabels, formulaUnit, formulaWeights } from "./formula";
import { trainTolerances } from "./tolerances";

/** The regimen of the fixtures. */
export const regimen: SgdSettings = { learningRate: 1e-4, momentum: 0.95, decay: 1e-6 };

interface Gradient {
  norm: number;
  first8: number[];
  spread8: number[];
}

interface AfterStep {
  /** Values of the parameters the fixture lists, and the whole unit. */
  values: Map<string, Float32Array>;
  velocity: Float32Array;
  /** By number of the layer, 1 .. 94. */
  moving: Map<number, { mean: Float32Array; variance: Float32Array }>;
}

export interface TrainNumbers {
  loss: number[];
  logits: Float32Array;
  gradients: Map<string, Gradient>;
  start: Map<string, Float32Array>;
  after: Map<number, AfterStep>;
}

const numberOf = (name: string) => Number(/_(\d+)/.exec(name)?.[1]);

/** Trains on the fixture's batch, as many steps as it has losses after its first. */
export async function trainNumbers(
  tf: Tf,
  { parameters, float64: listed }: TrainFixture,
  settings: SgdSettings = regimen,
  memory: "keep" | "recompute" = "recompute",
): Promise<TrainNumbers> {
  const { size, count, frozen } = parameters;
  const weights = formulaWeights(parameters);
  const unit = formulaUnit(parameters);
  const network = buildTrainingNetwork(tf, { weights, unit, frozen, memory });
  const optimiser = momentumSgd(tf, settings);
  const pixels = new Float32Array(count * size * size * 3);
  for (let b = 0; b < count; b++) pixels.set(formulaImage(parameters, b), b * size * size * 3);
  const batch = {
    input: tf.tensor4d(pixels, [count, size, size, 3]),
    labels: tf.tensor2d(formulaLabels(parameters), [count, 1]),
  };

  const wanted = new Set(Object.values(listed.after).flatMap(({ change_norms }) => Object.keys(change_norms)));
  const numbers: TrainNumbers = {
    loss: [],
    logits: new Float32Array(),
    gradients: new Map(),
    start: new Map(),
    after: new Map(),
  };
  const variables = new Map<string, Variable>();
  const read = async () => {
    const values = new Map<string, Float32Array>();
    for (const [name, variable] of variables)
      if (wanted.has(name) || name.startsWith("head/")) values.set(name, Float32Array.from(await variable.data()));
    return values;
  };
  for (let step = 1; step < listed.loss.length; step++) {
    const { loss, logits } = backward(tf, network, batch, (name, variable, gradient) => {
      if (step === 1) {
        const values = Float32Array.from(gradient.dataSync());
        numbers.gradients.set(name, {
          norm: norm(values),
          first8: Array.from(values.subarray(0, 8)),
          spread8: spread8(values),
        });
        variables.set(name, variable);
        if (wanted.has(name) || name.startsWith("head/"))
          numbers.start.set(name, Float32Array.from(variable.dataSync()));
      }
      optimiser.update(name, variable, gradient);
    });
    optimiser.endStep();
    numbers.loss.push(loss);
    if (step === 1) numbers.logits = logits;
    if (!Object.hasOwn(listed.after, step)) continue;
    const trained = await trainedWeights(network);
    const { velocities } = await optimiser.state();
    numbers.after.set(step, {
      values: await read(),
      velocity: velocities.get("head/kernel") ?? new Float32Array(),
      moving: new Map([...weights.slice(0, frozen), ...trained.layers].map((layer, index) => [index + 1, layer])),
    });
  }
  numbers.loss.push(trainingLoss(tf, network, batch).loss);
  tf.dispose([batch.input, batch.labels]);
  optimiser.dispose();
  network.dispose();
  return numbers;
}

/** Positions a channel of every convolution's output has in the batch: count x height x width. */
function samplesOf({ size, count }: TrainFixture["parameters"]): number[] {
  const samples: number[] = [];
  const cut = (n: number, kernel: number, stride: number) => Math.floor((n - kernel) / stride) + 1;
  const builder: Builder<[number, number]> = {
    conv([h, w], _filters, height, width, stride, padding) {
      const output: [number, number] = padding === "same" ? [h, w] : [cut(h, height, stride), cut(w, width, stride)];
      samples.push(count * output[0] * output[1]);
      return output;
    },
    maxPool: ([h, w]) => [cut(h, 3, 2), cut(w, 3, 2)],
    averagePool: (x) => x,
    concat: ([first]) => first ?? [0, 0],
  };
  blockNames.reduce<[number, number]>((x, name) => blocks[name](builder, x), [size, size]);
  return samples;
}

/** What was computed against a `train_*` fixture. The moving variance is Bessel's reading; the biased one is known and not compared. */
export function compareTraining({ parameters, labels, float64: listed }: TrainFixture, got: TrainNumbers): Check[] {
  const tolerance = trainTolerances(parameters.frozen);
  const isHead = (name: string) => name.startsWith("head/");
  const checks = [
    ...compareNumbers("labels", "labels", labels, formulaLabels(parameters), 0),
    ...compareNumbers(
      "first loss",
      "loss[0]",
      listed.loss[0] ?? Number.NaN,
      got.loss[0] ?? Number.NaN,
      tolerance.firstLoss,
    ),
    ...compareNumbers(
      "later losses",
      "loss after the first",
      listed.loss.slice(1),
      got.loss.slice(1),
      tolerance.laterLosses,
    ),
    ...compareNumbers("logits in training mode", "logit_training", listed.logit_training, got.logits, tolerance.logit),
    ...compareNumbers(
      "what is trained",
      "gradient_norms: how many",
      Object.keys(listed.gradient_norms).length,
      got.gradients.size,
      0,
    ),
  ];
  for (const [name, expected] of Object.entries(listed.gradient_norms)) {
    const [quantity, allowed] =
      name === "head/bias"
        ? ["gradient of the unit's bias", tolerance.headBiasGradient]
        : isHead(name)
          ? ["gradient norm of the unit", tolerance.headGradientNorm * expected]
          : [
              name.startsWith("conv") ? "gradient norms, convolutions" : "gradient norms, betas",
              tolerance.gradientNorm * expected,
            ];
    const norm = got.gradients.get(name)?.norm ?? Number.NaN;
    checks.push(...compareNumbers(quantity, `gradient_norms.${name}`, expected, norm, allowed));
  }
  for (const [name, first] of Object.entries(listed.gradients_first8)) {
    const spread = listed.gradients_spread8[name] ?? [];
    const gradient = got.gradients.get(name);
    const scale = Math.max(largest(first, spread), 1e-3 * (listed.gradient_norms[name] ?? 0));
    const allowed = name === "head/bias" ? tolerance.headBiasGradient : tolerance.gradientElement * scale;
    checks.push(
      ...compareNumbers("gradient elements", `gradients_first8.${name}`, first, gradient?.first8 ?? [], allowed),
      ...compareNumbers("gradient elements", `gradients_spread8.${name}`, spread, gradient?.spread8 ?? [], allowed),
    );
  }
  for (const [key, expected] of Object.entries(listed.after)) {
    const after = got.after.get(Number(key));
    checks.push(...compareAfter(`after[${key}]`, expected, after, { parameters, got, steps: Number(key) }));
  }
  return checks;
}

function compareAfter(
  path: string,
  { head, change_norms, change_spread8, moving }: TrainFixture["float64"]["after"][string],
  after: AfterStep | undefined,
  { parameters, got, steps }: { parameters: TrainFixture["parameters"]; got: TrainNumbers; steps: number },
): Check[] {
  const tolerance = trainTolerances(parameters.frozen);
  const empty = new Float32Array();
  const changeOf = (name: string) => {
    const start = got.start.get(name);
    return after?.values.get(name)?.map((value, i) => value - (start?.[i] ?? Number.NaN)) ?? empty;
  };
  const kernel = after?.values.get("head/kernel") ?? empty;
  const kernelChange = changeOf("head/kernel");
  const velocity = after?.velocity ?? empty;
  // The file lists 16 of 2048: at least twice the root mean square stands in for the largest.
  const largestVelocity = Math.max(largest(head.velocity_first16), (2 * head.velocity_norm) / Math.sqrt(features));
  const wholeKernel = tolerance.headKernel * Math.sqrt(features);
  const allowedChange = (listed: ArrayLike<number>) =>
    tolerance.change.absolute + tolerance.change.share * largest(listed);
  const list = (
    quantity: string,
    name: string,
    expected: ArrayLike<number> | number,
    found: ArrayLike<number> | number,
    allowed: number,
  ) => compareNumbers(quantity, `${path}.${name}`, expected, found, allowed);
  const checks = [
    ...list(
      "unit's kernel and bias",
      "head.kernel_first16",
      head.kernel_first16,
      kernel.subarray(0, 16),
      tolerance.headKernel,
    ),
    ...list("unit's kernel and bias", "head.kernel_sum", head.kernel_sum, sum(kernel), wholeKernel),
    ...list("unit's kernel and bias", "head.kernel_norm", head.kernel_norm, norm(kernel), wholeKernel),
    ...list(
      "unit's kernel and bias",
      "head.bias",
      head.bias,
      after?.values.get("head/bias")?.[0] ?? Number.NaN,
      tolerance.headKernel,
    ),
    ...list(
      "unit's kernel and bias",
      "head.kernel_change_first16",
      head.kernel_change_first16,
      kernelChange.subarray(0, 16),
      tolerance.headKernel,
    ),
    ...list(
      "unit's kernel and bias",
      "head.kernel_change_norm",
      head.kernel_change_norm,
      norm(kernelChange),
      wholeKernel,
    ),
    ...list(
      `unit's velocity after ${steps}`,
      "head.velocity_first16",
      head.velocity_first16,
      velocity.subarray(0, 16),
      tolerance.velocity(steps) * largestVelocity,
    ),
    ...list(
      `unit's velocity after ${steps}`,
      "head.velocity_norm",
      head.velocity_norm,
      norm(velocity),
      tolerance.velocity(steps) * head.velocity_norm,
    ),
  ];
  for (const [name, expected] of Object.entries(change_norms))
    checks.push(
      ...list("changes of weights", `change_norms.${name}`, expected, norm(changeOf(name)), allowedChange([expected])),
    );
  for (const [name, expected] of Object.entries(change_spread8))
    checks.push(
      ...list(
        "changes of weights",
        `change_spread8.${name}`,
        expected,
        spread8(changeOf(name)),
        allowedChange(expected),
      ),
    );
  const samples = samplesOf(parameters);
  for (const [name, expected] of Object.entries(moving)) {
    const found = after?.moving.get(numberOf(name));
    checks.push(
      ...list("samples", `moving.${name}.samples`, expected.samples, samples[numberOf(name) - 1] ?? Number.NaN, 0),
      ...list(
        "moving means",
        `moving.${name}.moving_mean_first8`,
        expected.moving_mean_first8,
        found?.mean.subarray(0, 8) ?? [],
        tolerance.movingMean,
      ),
      ...list(
        "moving variances",
        `moving.${name}.moving_variance_bessel_first8`,
        expected.moving_variance_bessel_first8,
        found?.variance.subarray(0, 8) ?? [],
        tolerance.movingVariance * Math.max(1, largest(expected.moving_variance_bessel_first8)),
      ),
    );
  }
  return checks;
}

/** Every number of a `train_*` fixture. */
export async function checkTraining(tf: Tf, fixture: TrainFixture): Promise<Check[]> {
  return [...checkFormulae(fixture), ...compareTraining(fixture, await trainNumbers(tf, fixture))];
}
