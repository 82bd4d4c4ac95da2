/** The final model is a fold that leaves nobody out: it learns from all of them and scores what no fold has. */
export const finalFold = -1;

/** A fold as people and files count it, from 1; null for a model that left nobody out, or was trained elsewhere. */
export const foldNumber = (fold: number): number | null => (fold < 0 ? null : fold + 1);

/** The folds of a training in the order in which they are trained, the final model last. */
export const foldsOf = (folds: number): number[] => [...Array(folds).keys(), finalFold];
