import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import type { Tf } from "@/worker/engines";

/*
 * Back-propagation with nothing held longer than it is needed. (The tape of TensorFlow.js holds every activation and every gradient until the
 * whole pass is over: twice the memory of a step.)
 */

/** Gradients of what an operation was done with, in order. */
export interface Gradients {
  inputs: Tensor4D[];
  parameters: Tensor[];
}

/** An operation that was done, and the way back. */
export interface Done {
  value: Tensor4D;
  /** What the way back needs beside value and inputs: disposed when it was gone. */
  saved: Tensor[];
  /** From the gradient of the value, which it leaves alone, to those of inputs and parameters. */
  back(dy: Tensor4D): Gradients;
}

interface Entry extends Done {
  inputs: readonly Tensor4D[];
  onGradients: (gradients: Tensor[]) => void;
}

export interface Tape {
  /** Whether the gradient of x is wanted: it is the input that was named, or something learns in it. */
  learns(x: Tensor4D): boolean;
  /** Notes an operation. @param onGradients sees the gradients of its parameters, which are disposed afterwards @returns its value */
  record(done: Done, inputs: readonly Tensor4D[], onGradients?: (gradients: Tensor[]) => void): Tensor4D;
  /**
   * Goes back from the gradient of the last value, disposing it, every value and every other gradient on the way.
   * @returns the gradient of the input that was named; null when none was
   */
  back(output: Tensor4D, gradient: Tensor4D): Tensor4D | null;
}

/** An empty tape. @param learningInput the input whose gradient is wanted; without it only parameters have gradients */
export function openTape(tf: Tf, learningInput?: Tensor4D): Tape {
  const entries: Entry[] = [];
  /** Values in which something learns, by the number of the tensor. */
  const learning = new Set<number>(learningInput ? [learningInput.id] : []);
  return {
    learns: (x) => learning.has(x.id),
    record(done, inputs, onGradients = () => {}) {
      entries.push({ ...done, inputs, onGradients });
      learning.add(done.value.id);
      return done.value;
    },
    back(output, gradient) {
      const parts = new Map<number, Tensor4D[]>([[output.id, [gradient]]]);
      /** A value that goes several ways has the sum of their gradients. */
      const gradientOf = (x: Tensor4D): Tensor4D | null => {
        const [first = null, ...others] = parts.get(x.id) ?? [];
        parts.delete(x.id);
        if (!first || others.length === 0) return first;
        const sum = tf.addN([first, ...others]);
        tf.dispose([first, ...others]);
        return sum;
      };
      for (let entry = entries.pop(); entry; entry = entries.pop()) {
        const { value, inputs, saved, back, onGradients } = entry;
        const dy = gradientOf(value);
        if (!dy) throw new Error("a value was computed that nothing came of");
        const found = tf.tidy(() => ({ ...back(dy) }));
        tf.dispose([dy, value, ...saved]);
        for (const [index, part] of found.inputs.entries()) {
          const x = inputs[index];
          if (x && learning.has(x.id)) parts.set(x.id, [...(parts.get(x.id) ?? []), part]);
          else part.dispose();
        }
        onGradients(found.parameters);
        tf.dispose(found.parameters);
      }
      return learningInput ? gradientOf(learningInput) : null;
    },
  };
}
