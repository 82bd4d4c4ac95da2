import type { Rank, Tensor, Variable } from "@tensorflow/tfjs-core";
import { learningRateAt, type Rate } from "@/core/network/learning-rate";
import type { Tf } from "@/worker/engines";
import { nativeKernels, type Resources } from "@/worker/engines/native-kernels";

export interface SgdSettings extends Rate {
  momentum: number;
}

/** What is needed to go on after an interruption, besides the weights. */
export interface SgdState {
  /** Updates done. */
  steps: number;
  /** By parameter name, in the order of the parameter's numbers. */
  velocities: Map<string, Float32Array>;
}

export interface Sgd {
  /** Moves one parameter: v = momentum v - lr_t gradient; weights += v. */
  update(name: string, weights: Variable, gradient: Tensor): void;
  /** To be called when every parameter was moved: the rate of the next step counts it. */
  endStep(): void;
  state(): Promise<SgdState>;
  dispose(): void;
}

/** Weights with their velocity. */
interface Moving {
  step(gradient: Tensor, rate: number): void;
  /** A tensor of the caller's. */
  velocity(): Tensor;
  dispose(): void;
}

/** Composed of plain operations, for every engine. */
function composed(tf: Tf, weights: Variable, start: Tensor, momentum: number): Moving {
  const velocity = tf.variable(start, false);
  return {
    step: (gradient, rate) =>
      tf.tidy(() => {
        velocity.assign(tf.add(tf.mul(velocity, momentum), tf.mul(gradient, -rate)));
        weights.assign(tf.add(weights, velocity));
      }),
    velocity: () => velocity.clone(),
    dispose: () => velocity.dispose(),
  };
}

/** One pass over the numbers, which the engine holds. */
function inPlace(tf: Tf, weights: Variable, start: Tensor, momentum: number, resources: Resources): Moving {
  const velocity = resources.create(start);
  const held = resources.create(weights);
  let known = weights.dataId;
  return {
    step: (gradient, rate) =>
      tf.tidy(() => {
        // Somebody else may have given the variable other numbers.
        if (weights.dataId !== known) resources.assign(held, weights);
        // With nobody else holding them the numbers change where they are; the variable needs some of its shape meanwhile.
        weights.assign(gradient as Tensor<Rank.R0>);
        resources.applyMomentum(held, velocity, gradient, rate, momentum);
        weights.assign(resources.read(held) as Tensor<Rank.R0>);
        known = weights.dataId;
      }),
    velocity: () => resources.read(velocity),
    dispose() {
      resources.destroy(velocity);
      resources.destroy(held);
    },
  };
}

/** Momentum SGD of Keras 2 (`legacy.SGD`), not Nesterov: lr_t = lr / (1 + decay t), t the number of updates already done. */
export function momentumSgd(tf: Tf, settings: SgdSettings, resume?: SgdState): Sgd {
  let steps = resume?.steps ?? 0;
  const moving = new Map<string, Moving>();
  const open = (name: string, weights: Variable): Moving => {
    const stored = resume?.velocities.get(name);
    const start = stored ? tf.tensor(stored, weights.shape) : tf.zerosLike(weights);
    const resources = nativeKernels(tf)?.resources;
    const opened = resources
      ? inPlace(tf, weights, start, settings.momentum, resources)
      : composed(tf, weights, start, settings.momentum);
    start.dispose();
    moving.set(name, opened);
    return opened;
  };
  return {
    update(name, weights, gradient) {
      (moving.get(name) ?? open(name, weights)).step(gradient, learningRateAt(settings, steps));
    },
    endStep() {
      steps += 1;
    },
    async state() {
      // What was resumed and has not moved since is as it was.
      const read = new Map(resume?.velocities);
      for (const [name, each] of moving) {
        const velocity = each.velocity();
        read.set(name, Float32Array.from(await velocity.data()));
        velocity.dispose();
      }
      return { steps, velocities: read };
    },
    dispose() {
      for (const each of moving.values()) each.dispose();
      moving.clear();
    },
  };
}
