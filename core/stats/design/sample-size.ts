import { normalCdf, normalQuantile } from "../distributions";
import { StatsError } from "../errors";
import { checkCounts, checkPositive } from "../input";
import { hanleyMcNeilStandardError } from "../roc/auc";

/*
 * How many images a study needs. Units: images (or pairs of reads of one image); shares, areas, half widths, alpha and
 * power are fractions 0..1; negatives per positive is a ratio. Each function takes the images as independent unless
 * `clusters` is given: then its whole numbers are inflated by the design effect, and the unrounded numbers are the
 * effective, independent ones.
 */

/** Images that come in clusters (patients). */
export interface ClusterDesign {
  /** Images a cluster, on average; 1 or more. */
  meanClusterSize: number;
  /** Intraclass correlation, 0..1. */
  icc: number;
}

/**
 * Design effect of clustered images: how many clustered images weigh as one independent image.
 *
 * 1 + (m - 1) icc. Kish L. Survey Sampling, 1965; Donner A, Klar N. Design and Analysis of Cluster Randomization
 * Trials, 2000. Assumes clusters of about one size. One image a cluster, or icc 0: 1.
 * @example designEffect({ meanClusterSize: 2.84, icc: 0.3 }) // 1.552
 * @throws StatsError unless meanClusterSize is 1 or more and icc lies in 0..1
 */
export function designEffect({ meanClusterSize, icc }: ClusterDesign): number {
  if (!(meanClusterSize >= 1 && meanClusterSize < Infinity))
    throw new StatsError("out_of_range", `meanClusterSize is ${meanClusterSize}; it must be 1 or more.`);
  if (!(icc >= 0 && icc <= 1)) throw new StatsError("out_of_range", `icc is ${icc}; it must lie in 0..1.`);
  return 1 + (meanClusterSize - 1) * icc;
}

/**
 * Clustered images that weigh as n independent ones: n times the design effect, rounded up. n may be unrounded.
 * @example inflate({ n: 644, meanClusterSize: 2.84, icc: 0.3 }) // 1000
 * @throws StatsError unless n is above 0; otherwise as `designEffect`
 */
export function inflate({ n, ...clusters }: { n: number } & ClusterDesign): number {
  const inflated = n * designEffect(clusters);
  checkPositive({ n, inflated });
  return wholeUp(inflated);
}

/**
 * Independent images that n clustered ones weigh as: n / design effect, not rounded.
 * @example effectiveN({ n: 644, meanClusterSize: 2.84, icc: 0.3 }) // 414.9
 * @throws StatsError unless n is above 0; otherwise as `designEffect`
 */
export function effectiveN({ n, ...clusters }: { n: number } & ClusterDesign): number {
  checkPositive({ n });
  return n / designEffect(clusters);
}

export interface AccuracySize {
  /** Independent images of the class that the share is measured on, not rounded. */
  unrounded: number;
  /** Images of that class: positives for sensitivity, negatives for specificity. */
  ofClass: number;
  /** Images in all, if the share is sensitivity. */
  totalForSensitivity: number;
  /** Images in all, if the share is specificity. */
  totalForSpecificity: number;
}

/**
 * Images for a sensitivity or specificity with an interval of a given half width.
 *
 * n = z^2 p (1 - p) / w^2 of the class; in all n / prevalence (sensitivity) or n / (1 - prevalence) (specificity),
 * rounded up from the unrounded n. Buderer NM. Acad Emerg Med 1996;3:895-900. Assumes Wald's interval, which
 * is poor near 0 and 1.
 * @param design.share expected sensitivity or specificity, above 0 and below 1
 * @param design.halfWidth of the interval, above 0 and below 1/2
 * @param design.prevalence share of positive images
 * @param design.confidence of the interval, such as 0.95
 * @example imagesForAccuracy({ share: 0.9, halfWidth: 0.05, prevalence: 0.2, confidence: 0.95 }).ofClass // 139
 * @throws StatsError when a value is out of its range
 */
export function imagesForAccuracy(design: {
  share: number;
  halfWidth: number;
  prevalence: number;
  confidence: number;
  clusters?: ClusterDesign;
}): AccuracySize {
  const { share, halfWidth, prevalence, confidence, clusters = independent } = design;
  checkBetween({ share, prevalence, confidence }, [0, 1]);
  checkBetween({ halfWidth }, [0, 0.5]);
  const unrounded = (zOfInterval(confidence) ** 2 * share * (1 - share)) / halfWidth ** 2;
  return {
    unrounded,
    ofClass: inflate({ n: unrounded, ...clusters }),
    totalForSensitivity: inflate({ n: unrounded / prevalence, ...clusters }),
    totalForSpecificity: inflate({ n: unrounded / (1 - prevalence), ...clusters }),
  };
}

export interface AucPrecisionSize {
  positives: number;
  negatives: number;
  /** Of the area, with these images. */
  standardError: number;
  /** Of the interval, with these images. */
  halfWidth: number;
}

/**
 * Images for an area under the ROC curve with an interval of a given half width: the fewest positives, and
 * ceil(negativesPerPositive * positives) negatives, with z SE <= halfWidth, SE by `hanleyMcNeilStandardError` and its
 * assumptions. With clusters both counts are inflated; standard error and half width are then those of the independent
 * images they weigh as.
 * @param design.auc expected area, above 0 and below 1
 * @param design.halfWidth of the interval, above 0 and below 1/2
 * @param design.confidence of the interval, such as 0.95
 * @example imagesForAucPrecision({ auc: 0.67, halfWidth: 0.05, negativesPerPositive: 1, confidence: 0.95 }) // 222, 222
 * @throws StatsError when a value is out of its range, or more than 1e12 images would be needed
 */
export function imagesForAucPrecision(design: {
  auc: number;
  halfWidth: number;
  negativesPerPositive: number;
  confidence: number;
  clusters?: ClusterDesign;
}): AucPrecisionSize {
  const { auc, halfWidth, negativesPerPositive, confidence, clusters = independent } = design;
  checkBetween({ auc, confidence }, [0, 1]);
  checkBetween({ halfWidth }, [0, 0.5]);
  const z = zOfInterval(confidence);
  const standardError = (positives: number, negatives: number) => hanleyMcNeilStandardError(auc, positives, negatives);
  const fewest = fewestImages(negativesPerPositive, (p, n) => z * standardError(p, n) <= halfWidth);
  const reached = standardError(fewest.positives, fewest.negatives);
  return { ...inflateBoth(fewest, clusters), standardError: reached, halfWidth: z * reached };
}

export interface ClassSizes {
  positives: number;
  negatives: number;
}

/**
 * Images to tell an area under the ROC curve from a given one, two-sided: the fewest positives, and
 * ceil(negativesPerPositive * positives) negatives, with z_(1-alpha/2) SE(auc0) + z_power SE(auc1) <= |auc1 - auc0|, SE
 * by `hanleyMcNeilStandardError` and its assumptions (Hanley JA, McNeil BJ. Radiology 1982;143:29-36).
 * @param design.auc1 expected area, above 0 and below 1
 * @param design.auc0 area under the null hypothesis, above 0 and below 1
 * @param design.alpha two-sided, above 0 and below 1/2
 * @param design.power 1/2 or more and below 1
 * @example imagesForAucPower({ auc1: 0.75, auc0: 0.5, alpha: 0.05, power: 0.8, negativesPerPositive: 1 }) // 20 and 20
 * @throws StatsError when a value is out of its range, the areas are equal, or more than 1e12 images would be needed
 */
export function imagesForAucPower(design: {
  auc1: number;
  auc0: number;
  alpha: number;
  power: number;
  negativesPerPositive: number;
  clusters?: ClusterDesign;
}): ClassSizes {
  const { auc1, auc0, alpha, power, negativesPerPositive, clusters = independent } = design;
  checkBetween({ auc1, auc0 }, [0, 1]);
  checkTest({ alpha, power });
  if (auc1 === auc0)
    throw new StatsError("out_of_range", `auc1 and auc0 are both ${auc1}; no number of images tells them apart.`);
  const [zAlpha, zPower] = [normalQuantile(1 - alpha / 2), normalQuantile(power)];
  const standardError = (auc: number, positives: number, negatives: number) =>
    hanleyMcNeilStandardError(auc, positives, negatives);
  const fewest = fewestImages(
    negativesPerPositive,
    (p, n) => zAlpha * standardError(auc0, p, n) + zPower * standardError(auc1, p, n) <= Math.abs(auc1 - auc0),
  );
  return inflateBoth(fewest, clusters);
}

export interface AucAgainstChanceSize extends ClassSizes {
  /** Independent images before rounding. */
  unrounded: ClassSizes;
}

/**
 * Images to tell an area under the ROC curve from chance (1/2), two-sided.
 *
 * positives = (z_(1-alpha/2) sqrt(V(1/2)) + z_power sqrt(V(auc)))^2 / (auc - 1/2)^2, negatives k times as many, V =
 * 0.0099 exp(-a^2/2) ((5 a^2 + 8) + (a^2 + 8)/k), a = 1.414 z_auc. Obuchowski NA, Lieber ML, Wians FH. Clin Chem
 * 2004;50:1118-1125, after Obuchowski NA, McClish DK. Stat Med 1997;16:1529-1542; as `power.roc.test` of pROC. Assumes
 * binormal scores and independent images.
 * @param design.auc expected area, above 1/2 and below 1
 * @param design.alpha two-sided, above 0 and below 1/2
 * @param design.power 1/2 or more and below 1
 * @example imagesForAucAgainstChance({ auc: 0.7, alpha: 0.05, power: 0.9, negativesPerPositive: 1 }).positives // 41
 * @throws StatsError when a value is out of its range
 */
export function imagesForAucAgainstChance(design: {
  auc: number;
  alpha: number;
  power: number;
  negativesPerPositive: number;
  clusters?: ClusterDesign;
}): AucAgainstChanceSize {
  const { auc, alpha, power, negativesPerPositive, clusters = independent } = design;
  checkBetween({ auc }, [0.5, 1]);
  checkTest({ alpha, power });
  checkPositive({ negativesPerPositive });
  const spread = (area: number) => Math.sqrt(binormalVariance(area, negativesPerPositive));
  const distance = normalQuantile(1 - alpha / 2) * spread(0.5) + normalQuantile(power) * spread(auc);
  const positives = (distance / (auc - 0.5)) ** 2;
  const unrounded = { positives, negatives: negativesPerPositive * positives };
  return { unrounded, ...inflateBoth(unrounded, clusters) };
}

/**
 * Power of the two-sided test of an area under the ROC curve against chance (1/2) with given images: the formula and
 * assumptions of `imagesForAucAgainstChance`, solved for the power. With clusters the images weigh as `effectiveN`.
 * @param design.auc expected area, above 1/2 and below 1
 * @param design.alpha two-sided, above 0 and below 1/2
 * @example powerOfAucAgainstChance({ auc: 0.73, positives: 41, negatives: 72, alpha: 0.05 }) // 0.990
 * @throws StatsError when a value is out of its range
 */
export function powerOfAucAgainstChance(design: {
  auc: number;
  positives: number;
  negatives: number;
  alpha: number;
  clusters?: ClusterDesign;
}): number {
  const { auc, positives, negatives, alpha, clusters = independent } = design;
  checkBetween({ auc }, [0.5, 1]);
  checkBetween({ alpha }, [0, 0.5]);
  checkCounts({ positives, negatives });
  checkPositive({ positives, negatives });
  const spread = (area: number) => Math.sqrt(binormalVariance(area, negatives / positives));
  const distance = Math.sqrt(effectiveN({ n: positives, ...clusters })) * (auc - 0.5);
  return normalCdf((distance - normalQuantile(1 - alpha / 2) * spread(0.5)) / spread(auc));
}

export interface PairsSize {
  /** Independent pairs before rounding. */
  unrounded: number;
  pairs: number;
}

/**
 * Pairs of reads (images read by both) to tell two paired proportions apart with McNemar's test, two-sided.
 *
 * n = (z_(1-alpha/2) sqrt(s) + z_power sqrt(s - d^2))^2 / d^2, s the sum and d the difference of the two discordant
 * shares. Connor RJ. Biometrics 1987;43:207-211. Assumes independent images.
 * @param design.onlyFirst share of images that only the first calls positive (or right), 0..1
 * @param design.onlySecond share that only the second does; both together at most 1
 * @param design.alpha two-sided, above 0 and below 1/2
 * @param design.power 1/2 or more and below 1
 * @example pairsForMcNemar({ onlyFirst: 0.2, onlySecond: 0.1, alpha: 0.05, power: 0.8 }).pairs // 234
 * @throws StatsError when a value is out of its range or the two shares are equal
 */
export function pairsForMcNemar(design: {
  onlyFirst: number;
  onlySecond: number;
  alpha: number;
  power: number;
  clusters?: ClusterDesign;
}): PairsSize {
  const { onlyFirst, onlySecond, alpha, power, clusters = independent } = design;
  const sum = onlyFirst + onlySecond;
  if (!(onlyFirst >= 0 && onlySecond >= 0 && sum <= 1 + 1e-12))
    throw new StatsError(
      "out_of_range",
      `onlyFirst is ${onlyFirst}, onlySecond ${onlySecond}: 0 or more, at most 1 in all.`,
    );
  if (onlyFirst === onlySecond)
    throw new StatsError(
      "out_of_range",
      `onlyFirst and onlySecond are both ${onlyFirst}; no number of pairs tells them apart.`,
    );
  checkTest({ alpha, power });
  const difference = onlyFirst - onlySecond;
  const spread = Math.sqrt(Math.max(0, sum - difference ** 2));
  const distance = normalQuantile(1 - alpha / 2) * Math.sqrt(sum) + normalQuantile(power) * spread;
  const unrounded = (distance / difference) ** 2;
  return { unrounded, pairs: inflate({ n: unrounded, ...clusters }) };
}

const independent: ClusterDesign = { meanClusterSize: 1, icc: 0 };

const zOfInterval = (confidence: number): number => normalQuantile(1 - (1 - confidence) / 2);

/** 1.414 squared: the method is published, and computed by pROC, with this rounding of the square root of 2. */
const publishedTwo = 1.999396;

/** V(area) of Obuchowski and others 2004, k negatives a positive. */
function binormalVariance(area: number, k: number): number {
  const square = publishedTwo * normalQuantile(area) ** 2;
  return 0.0099 * Math.exp(-square / 2) * (5 * square + 8 + (square + 8) / k);
}

const inflateBoth = ({ positives, negatives }: ClassSizes, clusters: ClusterDesign): ClassSizes => ({
  positives: inflate({ n: positives, ...clusters }),
  negatives: inflate({ n: negatives, ...clusters }),
});

/** The fewest positives that are enough; `enough` must stay true as the images grow. */
function fewestImages(negativesPerPositive: number, enough: (positives: number, negatives: number) => boolean) {
  checkPositive({ negativesPerPositive });
  const negativesOf = (positives: number) => wholeUp(negativesPerPositive * positives);
  const isEnough = (positives: number) => enough(positives, negativesOf(positives));
  let [low, high] = [0, 1];
  while (!isEnough(high)) {
    [low, high] = [high, 2 * high];
    if (high > 1e12 || negativesOf(high) > 1e12)
      throw new StatsError("out_of_range", "The study would need more than 1e12 images; ask for less.");
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return { positives: high, negatives: negativesOf(high) };
}

/** Rounded up, but not for rounding error above a whole number. */
const wholeUp = (value: number): number => Math.ceil(value * (1 - 1e-12));

function checkTest({ alpha, power }: { alpha: number; power: number }): void {
  checkBetween({ alpha }, [0, 0.5]);
  if (!(power >= 0.5 && power < 1))
    throw new StatsError("out_of_range", `power is ${power}; it must be 0.5 or more and below 1.`);
}

function checkBetween(values: Readonly<Record<string, number>>, [from, to]: readonly [number, number]): void {
  for (const [index, [name, value]] of Object.entries(values).entries()) {
    if (!(value > from && value < to))
      throw new StatsError("out_of_range", `${name} is ${value}; it must be above ${from} and below ${to}.`, index);
  }
}
