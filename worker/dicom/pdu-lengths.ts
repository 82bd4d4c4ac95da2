/** Type, a byte of nothing, and the length of what follows, PS3.8 section 9.3.1. */
const headLength = 6;

/**
 * Watches what comes over a connection for PDUs (PS3.8) that say they are longer than `longest` bytes, before any of it is kept.
 * @returns whether the next bytes are well: false as soon as one is too long
 */
export function pduLengths(longest: number): (bytes: Uint8Array) => boolean {
  const head: number[] = [];
  let left = 0;
  return (bytes) => {
    let at = 0;
    while (at < bytes.length) {
      const skipped = Math.min(left, bytes.length - at);
      at += skipped;
      left -= skipped;
      while (left === 0 && head.length < headLength && at < bytes.length) head.push(bytes[at++] ?? 0);
      if (head.length < headLength) continue;
      left = head
        .splice(0)
        .slice(2)
        .reduce((length, byte) => length * 256 + byte, 0);
      if (left > longest) return false;
    }
    return true;
  };
}
