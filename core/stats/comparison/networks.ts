import { StatsError } from "../errors";
import type { Estimate } from "../types";
import { type ComparisonRow, differenceOfAreas, rowOf } from "./compare-readers";
import { type ComparedImage, type ComparedScore, knownImages, opinionsOfNetwork } from "./opinions";

/** An image with the score of a network and the threshold of the model that gave it. */
export type ScoredImage = Omit<ComparedImage, "plane"> & Required<Pick<ComparedScore, "score" | "threshold">>;

const scoreOf = ({ id, score, threshold }: ScoredImage): ComparedScore => ({ image: id, score, threshold });
/** Every score brings its own threshold; this one is for scores that do not. */
const unused = 0.5;

/**
 * The scores of one network against the truth: the very row that it has in a comparison with readers (`compareReaders`), clustered by patient.
 *
 * Scores of several folds are pooled: the AUC ranks an image of one fold's model against those of another, so models whose scores lie at
 * different heights look worse together than each is (Airola A et al. Comput Stat Data Anal 2011;55:1828-1844). Calls are made by the
 * threshold of each image's own model. No image, or images of one class: the estimates say why there is none.
 * @example judgeNetwork([{ id: "a", node: "1", subject: "1", truth: 1, score: 0.7, threshold: 0.5 }]).tp // 1
 * @throws StatsError when an image comes twice
 */
export function judgeNetwork(images: readonly ScoredImage[]): ComparisonRow {
  const known = knownImages(images, "patient");
  return rowOf(opinionsOfNetwork(images.map(scoreOf), unused, known), known, "patient");
}

/**
 * AUC of one network less that of another on the images that both scored: paired areas with Obuchowski's covariance, clustered by patient
 * (`compareClusteredAuc`, two-sided). Images that only one scored do not count.
 * @throws StatsError when an image comes twice, or with one truth in the first and another in the second: areas against different truths
 * are not paired
 */
export function compareNetworks(
  first: readonly ScoredImage[],
  second: readonly ScoredImage[],
): { n: number; difference: Estimate; p: number | null } {
  const known = knownImages([...first, ...second], "patient");
  const off = first.findIndex(({ id, truth }) => known.truth[known.places.get(id) ?? -1] !== truth);
  if (off >= 0)
    throw new StatsError("truths_differ", `Image ${first[off]?.id} is judged by two truths; judge both by one.`, off);
  const opinions = (images: readonly ScoredImage[]) => opinionsOfNetwork(images.map(scoreOf), unused, known);
  return differenceOfAreas(opinions(first), opinions(second), known);
}
