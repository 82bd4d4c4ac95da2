import { bitsSet, hammingDistance, hashWords, type ImageSignature } from "./perceptual-hash";
import { registered, sketchOf, viewsOf } from "./registration";

/**
 * Greatest distance of two hashes, and least correlation of two thumbnails, at which images count as the same picture. Both are needed:
 * smooth crops of different nodes share hashes, and whole heads correlate. Measured, hash alone / with a correlation of 0.96:
 *
 * ```
 *                                                                          distance <=  4       6       8       10       12
 * breast ultrasound (BUSI), 56 listed near-duplicate pairs: found                    54/54   56/56   56/56    56/56     56/56
 * BUSI, pairs not listed (nearly all true: the list is strict): found                78/73   95/88  100/92   113/92    124/92
 * brain MR, pairs not identical in 253 images: found                                 34/31   43/32   47/32    62/32    103/32
 * 9,962 drawn crops of 3,500 nodes, 49.6 million pairs of two patients: false         7/0     70/0   978/1   8,682/10 50,396/33
 * 4,000 patches of a T2 series, 20 to 59 pixels, not overlapping: false               0/0      0/0     1/0      5/0      23/0
 * drawn crops enlarged 1.5 or 2 times: % found                                       61/61   84/84   94/94    99/99    100/100
 * drawn crops cut one pixel off: % found                                             42/42   69/69   88/87    96/95     99/99
 * ```
 *
 * At 10 and 0.96 all pairs looked at by eye (the 24 least alike of BUSI, the 10 of brain MR) are one picture. All 29 identical pairs of the
 * brain set are found; 98 to 100 % of crops after JPEG of quality 50 or more, or at another brightness, contrast or gamma; halved or at three
 * quarters, 100 % of drawn crops and 91 % of the patches; cut one pixel off, 67 % of the patches. With 0.95 instead, 124 drawn pairs are false;
 * with 0.97 none, but 55 of the 56 listed pairs and 52 % of patches cut one pixel off are found. A pair missed lets a network see what it
 * is judged on; a false pair only keeps two patients on one side.
 */
export const nearDuplicateDistance = 10;
/** Least correlation of the two thumbnails: see `nearDuplicateDistance`. */
export const nearDuplicateCorrelation = 0.96;

export interface NearDuplicate {
  /** The ids, the smaller first. */
  a: string;
  b: string;
  /** Bits in which the hashes differ: up to `nearDuplicateDistance`, or more where only a registration shows that the picture is the same. */
  distance: number;
  /** Pearson's correlation of the thumbnails, `nearDuplicateCorrelation` to 1; behind a registration `registeredCorrelation` to 1. */
  correlation: number;
}

/** Whether two images show the same picture as it is held: neither mirrored, turned nor moved by more than a pixel or two. */
export function lookAlike(a: ImageSignature, b: ImageSignature): boolean {
  return (
    hammingDistance(a.hash, b.hash) <= nearDuplicateDistance &&
    correlationOf(a.thumbnail, b.thumbnail) >= nearDuplicateCorrelation
  );
}

/**
 * All pairs of images that show the same picture: hashes within `nearDuplicateDistance` bits and thumbnails that correlate by
 * `nearDuplicateCorrelation`, identical images among them; or thumbnails that do behind a registration (`registration.ts`): mirrored, turned by quarters,
 * moved, cut anew. Sorted by ids, in whatever order the items come.
 *
 * Every pair of hashes is compared, as two 32-bit words: 0.4 s for 10,000 small drawn crops; and registered where that does not find it: 2.4 s for 1,000
 * drawn crops (processor time), and with the square (`npm run bench -- alike`); windows of real images take up to half as long again. No index: within 10 of 64
 * bits it would need 137 look-ups in each of four bands of 16 bits, and smooth crops crowd in few of them.
 * @param options.only of a pair at least one must be among these; all by default
 * @throws RangeError when a hash is not 16 hex digits
 */
export function findNearDuplicates(
  items: readonly { id: string; signature: ImageSignature }[],
  options: { only?: ReadonlySet<string> } = {},
): NearDuplicate[] {
  const search = seekNearDuplicates(items, options);
  for (;;) {
    const step = search.next();
    if (step.done) return step.value;
  }
}

/** Pairs between two stops of `seekNearDuplicates`: about a millisecond. */
const pairsAtOnce = 128;

/** As `findNearDuplicates`, with stops at which whoever has other things to do can do them. */
export function* seekNearDuplicates(
  items: readonly { id: string; signature: ImageSignature }[],
  { only }: { only?: ReadonlySet<string> } = {},
): Generator<void, NearDuplicate[]> {
  // By what they show: which of a pair is registered to the other must not hang on ids, which are drawn at random.
  const ordered = items
    .map(({ id, signature }) => ({ id, signature, key: `${signature.hash} ${signature.thumbnail}` }))
    .sort((one, other) => (one.key < other.key ? -1 : 1));
  const sorted = [];
  for (const { id, signature } of ordered) {
    sorted.push({
      id,
      asked: only?.has(id) ?? true,
      words: hashWords(signature.hash),
      thumbnail: signature.thumbnail,
      sketch: sketchOf(signature.thumbnail),
    });
    yield;
  }
  const found: NearDuplicate[] = [];
  let pairs = 0;
  for (const [i, first] of sorted.entries()) {
    const views = viewsOf(first.sketch);
    for (let j = i + 1; j < sorted.length; j++) {
      const second = sorted[j];
      if (!second || !(first.asked || second.asked)) continue;
      if (++pairs % pairsAtOnce === 0) yield;
      const distance = bitsSet(first.words[0] ^ second.words[0]) + bitsSet(first.words[1] ^ second.words[1]);
      const plain = distance > nearDuplicateDistance ? 0 : correlationOf(first.thumbnail, second.thumbnail);
      const correlation = plain >= nearDuplicateCorrelation ? plain : registered(views, second.sketch);
      if (correlation === undefined) continue;
      const [a, b] = first.id < second.id ? [first.id, second.id] : [second.id, first.id];
      found.push({ a, b, distance, correlation });
    }
  }
  const key = (pair: NearDuplicate) => JSON.stringify([pair.a, pair.b]);
  return found.sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

/** Pearson's correlation; the sums of whole numbers are exact. A thumbnail with a signature is never flat. */
function correlationOf(a: Uint8Array, b: Uint8Array): number {
  let [sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const x = a[i] ?? 0;
    const y = b[i] ?? 0;
    sumA += x;
    sumB += y;
    sumAA += x * x;
    sumBB += y * y;
    sumAB += x * y;
  }
  const n = a.length;
  return (n * sumAB - sumA * sumB) / Math.sqrt((n * sumAA - sumA * sumA) * (n * sumBB - sumB * sumB));
}
