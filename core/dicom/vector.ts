/** Millimetres, or cosines, in the patient: x to the left, y to the back, z to the head (PS3.3 section C.7.6.2.1.1). */
export type Vector = readonly [x: number, y: number, z: number];

export const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
export const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
/** `a` and `length` steps of `direction`. */
export const along = (a: Vector, direction: Vector, length: number): Vector => [
  a[0] + direction[0] * length,
  a[1] + direction[1] * length,
  a[2] + direction[2] * length,
];
export const lengthOf = (a: Vector) => Math.hypot(...a);
/** Degrees between two directions, 0 to 180. */
export const angle = (a: Vector, b: Vector) =>
  (Math.acos(Math.max(-1, Math.min(1, dot(a, b) / (lengthOf(a) * lengthOf(b))))) * 180) / Math.PI;
