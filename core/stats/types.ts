/** An estimate with its 95 % interval. Fractions are 0..1, never per cent. */
export interface Estimated {
  estimate: number;
  /** Null when the interval is not estimable; `caution` then says why. */
  lower: number | null;
  upper: number | null;
  method: string;
  /** Units behind it: images, unless the method says otherwise. */
  n: number;
  /** Why the interval is missing, or says less than it seems to. */
  caution?: string;
}

export interface NotEstimable {
  estimate: null;
  lower: null;
  upper: null;
  /** Why, as a sentence for the page. */
  reason: string;
  method: string;
  n: number;
}

/** Nothing in this folder returns NaN or an infinite number: what cannot be estimated says so. */
export type Estimate = Estimated | NotEstimable;

export function notEstimable({ reason, method, n }: { reason: string; method: string; n: number }): NotEstimable {
  return { estimate: null, lower: null, upper: null, reason, method, n };
}
