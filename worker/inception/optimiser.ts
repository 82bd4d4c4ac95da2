import type { Tensor, Variable } from "@tensorflow/tfjs-core";
import type { Tf } from "@/worker/engines";
import { learningRateAt } from "@/worker/training/head";

export interface SgdSettings {
  learningRate: number;
  momentum: number;
  decay: number;
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

/** Momentum SGD of Keras 2 (`legacy.SGD`), not Nesterov: lr_t = lr / (1 + decay t), t the number of updates already done. */
export function momentumSgd(tf: Tf, settings: SgdSettings, resume?: SgdState): Sgd {
  let steps = resume?.steps ?? 0;
  const velocities = new Map<string, Variable>();
  return {
    update(name, weights, gradient) {
      tf.tidy(() => {
        const scaled = tf.mul(gradient, -learningRateAt(settings, steps));
        const stored = resume?.velocities.get(name);
        const before = velocities.get(name) ?? (stored && tf.tensor(stored, weights.shape));
        const velocity = before ? tf.add(tf.mul(before, settings.momentum), scaled) : scaled;
        const variable = velocities.get(name);
        if (variable) variable.assign(velocity);
        else velocities.set(name, tf.variable(velocity, false));
        weights.assign(tf.add(weights, velocity));
      });
    },
    endStep() {
      steps += 1;
    },
    async state() {
      const read = new Map<string, Float32Array>();
      for (const [name, velocity] of velocities) read.set(name, Float32Array.from(await velocity.data()));
      return { steps, velocities: read };
    },
    dispose() {
      for (const velocity of velocities.values()) velocity.dispose();
      velocities.clear();
    },
  };
}
