import { clusteredKappa } from "@/core/stats/agreement/clustered-kappa";
import { fleissKappa } from "@/core/stats/agreement/fleiss-kappa";
import { clusteredWeightedKappa } from "@/core/stats/agreement/weighted-kappa";
import { normalCdf } from "@/core/stats/distributions";
import type { Estimate } from "@/core/stats/types";
import { bothAbove, type ClusteredModel, drawErrors, drawImages, positiveImages, shiftOf } from "./clustered-model";
import { type Claim, limitsOf, type Outcome } from "./simulate";

/** Readers of one area who rate the same images on a scale from 1 to 5. */
export type AgreementModel = Pick<ClusteredModel, "patients" | "positive" | "clustering" | "correlation"> & {
  area: number;
};

/** Of whom the first two are compared by their ratings, all by their calls. */
const readers = 4;

/** Where the rating becomes 2, 3, 4 and 5, in shifts between the classes; a call is positive from 4 on. */
const steps = [-0.4, 0.1, 0.4, 0.9];
const called = 2;

const cutsOf = ({ area }: AgreementModel) => steps.map((step) => step * shiftOf(area));

/** Coefficients of a population of images, in closed form: the readers are alike, so that those of two hold for four. */
export function agreementTruth(model: AgreementModel) {
  const cuts = cutsOf(model);
  const p = positiveImages(model.positive);
  const shift = shiftOf(model.area);
  const above = cuts.map((cut) => p * normalCdf(shift - cut) + (1 - p) * normalCdf(-cut));
  const both = cuts.map((a) =>
    cuts.map(
      (b) => p * bothAbove(a - shift, b - shift, model.correlation) + (1 - p) * bothAbove(a, b, model.correlation),
    ),
  );
  const at = (k: number) => above[k] ?? 0;
  const positive = at(called);
  const agreed = 1 - 2 * (positive - (both[called]?.[called] ?? 0));
  const chance = 2 * positive * (1 - positive);
  /** The mean of |a - b| or (a - b)^2, by the probability that both are above a cut and another. */
  const distance = (weights: "linear" | "quadratic", bothAbove: (k: number, l: number) => number) =>
    cuts.reduce(
      (sum, _, k) =>
        sum +
        cuts.reduce(
          (inner, __, l) =>
            inner + (weights === "quadratic" || k === l ? 2 * at(Math.max(k, l)) - 2 * bothAbove(k, l) : 0),
          0,
        ),
      0,
    );
  const weighted = (weights: "linear" | "quadratic") =>
    1 - distance(weights, (k, l) => both[k]?.[l] ?? 0) / distance(weights, (k, l) => at(k) * at(l));
  return {
    linear: weighted("linear"),
    quadratic: weighted("quadratic"),
    fleiss: (agreed - (1 - chance)) / chance,
    ac1: (agreed - chance) / (1 - chance),
  };
}

/** Every coefficient of agreement of one study, clustered by patient and as if images were independent. */
export function agreementIntervals(model: AgreementModel): (random: () => number) => Outcome[] {
  const truth = agreementTruth(model);
  const cuts = cutsOf(model);
  return (random) => {
    const images = drawImages(model, random);
    const ratings = drawErrors(images, readers, model, random).map((errors) =>
      errors.map((error, i) => {
        const score = error + shiftOf(model.area) * (images.truth[i] ?? 0);
        return 1 + cuts.filter((cut) => score >= cut).length;
      }),
    );
    const calls = ratings.map((own) => Uint8Array.from(own, (rating) => (rating > called + 1 ? 1 : 0)));
    const [first, second] = ratings;
    const [a, b] = calls;
    if (!first || !second || !a || !b) return [];
    const counts = Array.from(images.truth.keys(), (i) => {
      const positive = calls.filter((own) => own[i] === 1).length;
      return [positive, readers - positive];
    });
    const of = (method: string, claim: Claim, cluster: Int32Array): Outcome[] => [
      outcome("Weighted kappa, linear", method, claim, truth.linear, weighted("linear", cluster)),
      outcome("Weighted kappa, quadratic", method, claim, truth.quadratic, weighted("quadratic", cluster)),
      outcome("Fleiss' kappa", method, claim, truth.fleiss, fleissKappa({ counts, cluster, tail: "two-sided" }).kappa),
      outcome("Gwet's AC1", method, claim, truth.ac1, clusteredKappa({ first: a, second: b, cluster }).ac1),
    ];
    const weighted = (weights: "linear" | "quadratic", cluster: Int32Array) =>
      clusteredWeightedKappa({ first, second, cluster, weights });
    return [
      ...of("jackknife over images", "naive", Int32Array.from(images.truth.keys())),
      ...of("jackknife over patients", "yes", images.patient),
    ];
  };
}

const outcome = (table: string, method: string, claim: Claim, truth: number, found: Estimate): Outcome => {
  const isCautioned = found.estimate !== null && found.caution !== undefined;
  return { table, method, claim, truth, estimate: found.estimate, limits: limitsOf(found), isCautioned };
};
