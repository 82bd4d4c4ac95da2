/** The last unit's probability of a logit. */
export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** Binary cross-entropy of one logit. @param y 1 = positive */
export const logLoss = (z: number, y: number): number => Math.max(z, 0) - y * z + Math.log1p(Math.exp(-Math.abs(z)));
