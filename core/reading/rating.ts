import type { Call } from "./rule-set";

/** A scale of suspicion, as the protocol names it: the higher, the more suspicious. */
export interface RatingScale {
  min: number;
  max: number;
  /** From one value to the next, counted from `min`; without one every number between is on the scale. */
  step?: number | undefined;
  /** A rating of this or more is a positive call. */
  positiveFrom?: number | undefined;
}

export const isOnScale = ({ min, max, step }: RatingScale, rating: number): boolean =>
  rating >= min && rating <= max && (step === undefined || Number.isInteger((rating - min) / step));

/** The call that follows from a rating; null where the reader makes it. */
export const callOfRating = ({ positiveFrom }: RatingScale, rating: number): Call | null =>
  positiveFrom === undefined ? null : rating >= positiveFrom ? "positive" : "negative";

/** Most values that are shown one by one, and chosen by their digit. */
const mostChoices = 10;

/** The values of a short scale, in order; null of one that is long or without steps. */
export function choicesOf({ min, max, step }: RatingScale): number[] | null {
  if (step === undefined) return null;
  const count = (max - min) / step + 1;
  return count <= mostChoices ? Array.from({ length: count }, (_, i) => min + i * step) : null;
}
