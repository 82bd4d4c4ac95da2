export interface Rate {
  learningRate: number;
  decay: number;
  /** Updates over which the rate falls to 0 by half a cosine (Loshchilov and Hutter, ICLR 2017), instead of the time decay. */
  cosineOver?: number;
}

/** Keras's time decay, lr / (1 + decay * updates already done), or the half cosine. */
export const learningRateAt = ({ learningRate, decay, cosineOver }: Rate, step: number): number =>
  cosineOver
    ? (learningRate / 2) * (1 + Math.cos((Math.PI * Math.min(step, cosineOver)) / cosineOver))
    : learningRate / (1 + decay * step);
