/** Of a hundred, whole; never rounded up to a mark that was missed. */
export const percentOf = (part: number, whole: number) => (whole > 0 ? Math.floor((100 * part) / whole) : 0);

/** A share that a protocol asks for, of a hundred. */
export const percentOfMark = (passMark: number) => Math.round(10_000 * passMark) / 100;
