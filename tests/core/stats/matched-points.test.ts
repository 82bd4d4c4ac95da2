import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "@/core/random";
import { matchedPoints } from "@/core/stats/comparison/matched-points";
import { knownImages, opinionsOfNetwork, opinionsOfReaders } from "@/core/stats/comparison/opinions";
import { unitsOf } from "@/core/stats/comparison/units";
import { calibration } from "@/core/stats/network/calibration";
import { cutoffKeeping } from "@/core/stats/roc/cutoff";
import { expectClose } from "./close";

const study = (seed: number, patients: number, skill: number) => {
  const random = seededRandom(seed);
  const images = Array.from({ length: 3 * patients }, (_, i) => ({
    ...{ id: String(i), node: `n${i}`, subject: `s${Math.floor(i / 3)}` },
    truth: (random() < 0.4 ? 1 : 0) as 0 | 1,
  }));
  const known = knownImages(images, "patient");
  const reads = images.map(({ id, truth }) => ({
    ...{ reader: "R2", condition: "C1", occasion: 1, image: id, confidence: null },
    call: (random() < (truth ? 0.7 : 0.25) ? 1 : 0) as 0 | 1,
  }));
  const scores = images.map(({ id, truth }) => ({
    image: id,
    score: Math.round(20 * (random() + skill * truth)) / 40,
  }));
  const units = unitsOf({ images, known, unit: "image", rule: "any" });
  return { units, readers: opinionsOfReaders(reads, known, []), scored: opinionsOfNetwork(scores, 0.5, known) };
};

describe("the network at a reader's operating point", () => {
  it("keeps what the reader has with the cut-off of the whole sample, and compares the other", () => {
    for (const seed of [1, 2, 3]) {
      const { units, readers, scored } = study(seed, 40, 0.5);
      const { known } = units;
      for (const { keep, network, ...own } of matchedPoints(scored, readers, units, seededRandom(1))) {
        const [truth, score] = [known.truth, scored.ratings];
        const cutoff = cutoffKeeping({ truth, score, direction: "higher", keep, atLeast: own[keep].estimate ?? 0 });
        const other = keep === "sensitivity" ? "specificity" : "sensitivity";
        expectClose(network?.threshold, cutoff?.threshold);
        expectClose(network?.kept, cutoff?.[keep]);
        expectClose(network?.compared.estimate, cutoff?.[other]);
        expectClose(network?.difference.estimate, (cutoff?.[other] ?? 0) - (own[other].estimate ?? 0));
        expect(network?.kept).toBeGreaterThanOrEqual((own[keep].estimate ?? 1) - 1e-9);
      }
    }
  });

  it("counts the choice of the cut-off in its interval, and P agrees with that interval", () => {
    const skilled = study(4, 60, 1.5);
    const found = matchedPoints(skilled.scored, skilled.readers, skilled.units, seededRandom(1));
    for (const { network } of found) {
      expect(network?.difference.lower).toBeGreaterThan(0);
      expect(network?.p).toBeLessThan(0.05);
    }
    const alike = study(4, 60, 0.55);
    for (const { network } of matchedPoints(alike.scored, alike.readers, alike.units, seededRandom(1))) {
      const holdsZero = (network?.difference.lower ?? 1) <= 0 && (network?.difference.upper ?? -1) >= 0;
      expect((network?.p ?? 0) > 0.05).toBe(holdsZero);
    }
    expect(matchedPoints(skilled.scored, skilled.readers, skilled.units, seededRandom(1))).toEqual(found);
  });
});

describe("calibration by patient", () => {
  it("does not get surer when every image is there twice, as that of images alone does by the root of two", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), (seed) => {
        const {
          units: { known },
          scored,
        } = study(seed, 25, 0.6);
        const once = Array.from(known.truth, (truth, i) => ({
          ...{ truth, cluster: known.cluster[i] ?? 0 },
          probability: Math.min(0.98, Math.max(0.02, scored.ratings[i] ?? 0)),
        }));
        const of = (units: typeof once, byPatient: boolean) =>
          calibration({
            truth: units.map(({ truth }) => truth),
            probability: units.map(({ probability }) => probability),
            cluster: byPatient ? units.map(({ cluster }) => cluster) : null,
            groups: 10,
          });
        const twice = [...once, ...once];
        const options = { relative: 1e-6 };
        for (const which of ["slopeStandardError", "interceptStandardError"] as const) {
          expectClose(of(twice, true).recalibration[which], of(once, true).recalibration[which], options);
          const alone = (of(once, false).recalibration[which] ?? 0) / Math.SQRT2;
          expectClose(of(twice, false).recalibration[which], alone, options);
        }
        expectClose(of(twice, true).inTheLarge.standardError, of(once, true).inTheLarge.standardError, options);
        expectClose(of(once, true).recalibration.slope.estimate, of(once, false).recalibration.slope.estimate, options);
      }),
      { numRuns: 20 },
    );
  });
});
