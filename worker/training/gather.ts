import type { Tensor, Variable } from "@tensorflow/tfjs-core";
import type { Tf } from "@/worker/engines";
import type { Sgd } from "@/worker/inception/optimiser";

/**
 * Gradients of the micro-batches of a batch, added up by their share of it; with the last one the weights move. The sum is the gradient of the
 * batch, but for batch normalisation, which sees a micro-batch at a time.
 */
export function gatherGradients(tf: Tf) {
  const sums = new Map<string, Variable>();
  return {
    /** What to do with a gradient of a micro-batch that makes up `share` of its batch. */
    adding:
      (sgd: Sgd, { share, isLast }: { share: number; isLast: boolean }) =>
      (name: string, weights: Variable, gradient: Tensor): void =>
        tf.tidy(() => {
          const part = share === 1 ? gradient : tf.mul(gradient, share);
          const sum = sums.get(name);
          const whole = sum ? tf.add(sum, part) : part;
          if (isLast) {
            sgd.update(name, weights, whole);
            sum?.dispose();
            sums.delete(name);
          } else if (sum) sum.assign(whole);
          else sums.set(name, tf.variable(whole, false));
        }),
    dispose(): void {
      for (const sum of sums.values()) sum.dispose();
      sums.clear();
    },
  };
}
