import { StatsError } from "../errors";
import { checkPositive } from "../input";
import { fewestReadersForTest } from "../readers/average-of-readers";
import { hanleyMcNeilStandardError } from "../roc/auc";
import { type ClusterDesign, effectiveN } from "./sample-size";
import { studentPower } from "./student-power";

/** What is expected of a planned contrast: two conditions, or the network and the readers, averaged over readers. */
export interface ContrastDesign {
  kind: "condition" | "network";
  measure: "auc" | "sensitivity" | "specificity";
  /** Expected of the first and of the second, above 0 and below 1. */
  first: number;
  second: number;
  /** Of non-inferiority, a fraction; null: a test of a difference. */
  margin: number | null;
  readers: number;
  /** Whom the answer speaks of: these very readers, or readers like these. */
  readersAre: "fixed" | "random";
  /** Standard deviation over readers of the true difference; counts for random readers. */
  readerSpread: number;
  /** Correlations of the estimates on the same images, 0..1. */
  correlation: {
    /** One reader in both conditions. Not used against the network. */
    sameReader: number;
    /** Two readers in one condition. */
    readers: number;
    /** Two readers in different conditions, or a reader and the network. */
    across: number;
  };
  /** Share of positive images. */
  prevalence: number;
  clusters: ClusterDesign;
  /** Two-sided, above 0 and below 1/2; a margin is tested with half of it on its side. */
  alpha: number;
}

/** Of random readers as many as a test needs: with fewer the analysis gives their estimate and no P, and no number of patients gives power. */
export const fewestReaders = (readersAre: ContrastDesign["readersAre"]): number =>
  readersAre === "random" ? fewestReadersForTest : 1;

/** Images of so many patients. */
const imagesOf = (patients: number, { clusters: { meanClusterSize } }: ContrastDesign) => patients * meanClusterSize;

/**
 * Power of a planned contrast with this many patients.
 *
 * With D the difference of one reader: variance of the average = Cov(D, D') + (Var(D) - Cov(D, D')) / readers, by the error covariances of Obuchowski and Rockette
 * (Hillis SL, Obuchowski NA, Berbaum KS. Acad Radiol 2011;18:129-142); the network is one for all readers. Variance of an area by
 * `hanleyMcNeilStandardError`, of a share p (1 - p) / n, of the images that clustered ones weigh as (`effectiveN`). Random readers add their spread, and
 * Hillis' degrees of freedom, (readers - 1) (variance / the part that falls with readers)^2; fixed readers have the patients of the smaller class less one. The
 * power is that of a noncentral t, in the expected direction.
 * @throws StatsError when a value is out of its range, or nothing can be shown: no difference is expected, or one beyond the margin
 */
export function powerOfContrast(design: ContrastDesign, patients: number): number {
  const effect = effectOf(design);
  checkPositive({ patients });
  const { kind, readers, readersAre, readerSpread, correlation, prevalence, clusters, alpha } = design;
  const images = effectiveN({ n: imagesOf(patients, design), ...clusters });
  const [positives, negatives] = [images * prevalence, images * (1 - prevalence)];
  const [a, b] = [design.first, design.second].map((value) => varianceOf(value, design, positives, negatives));
  if (a === undefined || b === undefined) return 0;
  const geometric = Math.sqrt(a * b);
  const { sameReader, readers: among, across } = correlation;
  const own = a + b - 2 * (kind === "condition" ? sameReader : across) * geometric;
  const shared = Math.max(0, (kind === "condition" ? among * a : a) + among * b - 2 * across * geometric);
  const spread = readersAre === "random" ? readerSpread ** 2 : 0;
  const falling = Math.max(0, own - shared + spread) / readers;
  const variance = shared + falling;
  if (variance === 0) return 1;
  const ofSmallerClass = Math.min(prevalence, 1 - prevalence) * patients;
  const df =
    readersAre === "random" && falling > 0
      ? (readers - 1) * (variance / falling) ** 2
      : design.measure === "auc"
        ? ofSmallerClass - 1
        : patients * (design.measure === "sensitivity" ? prevalence : 1 - prevalence) - 1;
  return studentPower({ noncentrality: effect / Math.sqrt(variance), df: Math.max(1, Math.min(df, 1e6)), alpha });
}

/** More patients than any study has. */
const most = 1_000_000;

/**
 * The fewest patients with which a planned contrast has this power; null where no number of patients gives it, because the readers differ too much: more
 * readers are needed.
 * @param power 1/2 or more and below 1
 * @throws StatsError as `powerOfContrast`
 */
export function patientsForContrast(design: ContrastDesign, power: number): number | null {
  if (!(power >= 0.5 && power < 1))
    throw new StatsError("out_of_range", `power is ${power}; it must be 0.5 or more and below 1.`);
  if (powerOfContrast(design, most) < power) return null;
  let [low, high] = [0, 2];
  while (powerOfContrast(design, high) < power) [low, high] = [high, Math.min(most, 2 * high)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (powerOfContrast(design, middle) >= power) high = middle;
    else low = middle;
  }
  return high;
}

/** What the test is to find: the difference, or how far it lies above minus the margin. */
function effectOf(design: ContrastDesign): number {
  const { first, second, margin, prevalence, readers, readersAre, alpha, readerSpread } = design;
  const within = (values: Record<string, number>, [from, to]: [number, number]) => {
    for (const [name, value] of Object.entries(values))
      if (!(value > from && value < to))
        throw new StatsError("out_of_range", `${name} is ${value}; it must be above ${from} and below ${to}.`);
  };
  within({ first, second, prevalence }, [0, 1]);
  within({ alpha }, [0, 0.5]);
  for (const [name, value] of Object.entries(design.correlation))
    if (!(value >= 0 && value <= 1))
      throw new StatsError("out_of_range", `The correlation ${name} is ${value}; it must lie in 0..1.`);
  const fewest = fewestReaders(readersAre);
  if (!(Number.isInteger(readers) && readers >= fewest))
    throw new StatsError("out_of_range", `readers is ${readers}; it must be ${fewest} or more.`);
  if (!(readerSpread >= 0 && readerSpread < 1))
    throw new StatsError("out_of_range", `readerSpread is ${readerSpread}; it must be 0 or more and below 1.`);
  const effect = margin === null ? Math.abs(first - second) : first - second + margin;
  // Rounding of the subtraction is no difference.
  if (!(effect > 1e-12))
    throw new StatsError("out_of_range", "No difference is expected, or one beyond the margin: no study shows it.");
  return effect;
}

function varianceOf(value: number, { measure }: ContrastDesign, positives: number, negatives: number) {
  if (measure === "auc")
    return positives < 1 || negatives < 1 ? undefined : hanleyMcNeilStandardError(value, positives, negatives) ** 2;
  return (value * (1 - value)) / (measure === "sensitivity" ? positives : negatives);
}
