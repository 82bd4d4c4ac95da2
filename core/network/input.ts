/** Side of the square that the network sees, in pixels: as it was published. */
export const publishedInput = 299;
/** The smallest that leaves the last block a position. */
export const smallestInput = 75;
/** The largest for which the machines of a study have the memory: a step takes twelve times that of the published size. */
export const largestInput = 1024;

/**
 * The longer side of every crop, in pixels, for a network that shall not see how large a crop was: two thirds of its square, which leaves room to
 * turn it.
 */
export const sizeBlindSide = (inputSize: number): number => Math.round((inputSize * 200) / publishedInput);
