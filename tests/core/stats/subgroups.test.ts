import { describe, expect, it } from "vitest";
import { normal, seededRandom } from "@/core/random";
import { type ComparedRead, compareReaders } from "@/core/stats/comparison/compare-readers";
import {
  type ComparedImage,
  knownImages,
  opinionsOfNetwork,
  opinionsOfReaders,
} from "@/core/stats/comparison/opinions";
import { subgroupsOf } from "@/core/stats/comparison/subgroups";
import { fUpperTail, studentQuantile } from "@/core/stats/distributions";
import { averageOfReaders } from "@/core/stats/readers/average-of-readers";
import { expectClose } from "./close";

interface Drawn {
  images: ComparedImage[];
  reads: ComparedRead[];
  scores: { image: string; score: number }[];
}

/** Three images a patient, of planes that change within a patient, in sites that do not; readers alike everywhere. */
function drawn(seed: number, patients: number, { missing = 0, gain = 0 } = {}): Drawn {
  const random = seededRandom(seed);
  const effects = Array.from({ length: patients }, () => 0.7 * normal(random));
  const images = Array.from({ length: 3 * patients }, (_, i): ComparedImage => {
    const patient = Math.floor(i / 3);
    const plane = ["axial", "coronal", "sagittal"][i % 3] ?? "";
    const groups = { plane, site: patient % 2 ? "north" : "south", empty: null };
    const truth = random() < 0.45 ? 1 : 0;
    return { id: String(i), node: `n${patient}.${i % 2}`, subject: `s${patient}`, plane, truth, groups };
  });
  const impression = ({ truth, subject, groups }: ComparedImage, skill: number) =>
    skill * truth +
    (effects[Number(subject.slice(1))] ?? 0) +
    normal(random) +
    (groups?.site === "north" ? gain * truth : 0);
  const reads = ["R1", "R2"].flatMap((reader) =>
    ["C1", "C2"].flatMap((condition) =>
      images.flatMap((image): ComparedRead[] => {
        const value = impression({ ...image, groups: {} }, 1);
        if (random() < missing) return [];
        const confidence = Math.min(100, Math.round(60 * Math.abs(value - 0.5)));
        return [{ reader, condition, occasion: 1, image: image.id, call: value > 0.5 ? 1 : 0, confidence }];
      }),
    ),
  );
  const scores = images.map((image) => ({ image: image.id, score: 1 / (1 + Math.exp(-impression(image, 1.2))) }));
  return { images, reads, scores };
}

const compared = ({ images, reads, scores }: Drawn, keys = ["plane", "site"]) =>
  compareReaders({
    ...{ images, reads, scores, threshold: 0.5, conditions: ["C1", "C2"], repeats: new Map() },
    comparisons: ["condition", "network"],
    factors: keys.map((key) => ({
      key,
      levels: [...new Set(images.flatMap(({ groups }) => groups?.[key] ?? []))].sort(),
    })),
    random: seededRandom(1),
  });

describe("subgroups", () => {
  it("give in each the average over readers that the images of it alone give, with the same interval and P", () => {
    for (const missing of [0, 0.2]) {
      const study = drawn(11 + missing, 60, { missing });
      const result = compared(study);
      expect(result.subgroups.map(({ factor, measure }) => `${factor} ${measure}`)).toContain("site auc");
      for (const { factor, kind, first, second, measure, levels } of result.subgroups) {
        for (const { level, difference, p, n } of levels) {
          const images = study.images.filter(
            ({ groups, truth }) =>
              groups?.[factor] === level && (measure === "auc" || truth === (measure === "sensitivity" ? 1 : 0)),
          );
          const opinion = (reader: string, condition: string | null, image: string): number | null => {
            if (condition === null) {
              const score = study.scores.find((each) => each.image === image)?.score ?? 0;
              return measure === "auc" ? score : Number(score >= 0.5);
            }
            const read = study.reads.find(
              (each) => each.reader === reader && each.condition === condition && each.image === image,
            );
            if (!read) return null;
            if (measure !== "auc") return read.call;
            return read.call === 1 ? 101 + (read.confidence ?? 0) : 100 - (read.confidence ?? 0);
          };
          const table = (condition: string | null, other: string | null) =>
            ["R1", "R2"].map((reader) =>
              images.map(({ id }) =>
                kind === "network" && opinion(reader, other, id) === null ? null : opinion(reader, condition, id),
              ),
            );
          const alone = averageOfReaders({
            truth: images.map(({ truth }) => truth),
            cluster: images.map(({ subject }) => subject),
            first: table(first, second),
            second: table(second, first),
            measure,
          });
          expectClose(difference.estimate, alone.estimate ?? Number.NaN, { absolute: 1e-12 });
          if (missing > 0) continue;
          expect(n).toBe(images.length);
          expectClose(difference.lower, alone.fixed?.limits?.[0] ?? Number.NaN, { absolute: 1e-10 });
          expectClose(difference.upper, alone.fixed?.limits?.[1] ?? Number.NaN, { absolute: 1e-10 });
          expectClose(p, alone.fixed?.p ?? Number.NaN, { absolute: 1e-9 });
        }
      }
    }
  });

  it("of different patients differ by the difference over both variances", () => {
    const { subgroups } = compared(drawn(5, 80), ["site"]);
    expect(subgroups.length).toBeGreaterThan(0);
    for (const { levels, interaction, measure } of subgroups.filter((each) => each.measure !== "auc")) {
      // Half the width of the interval is a quantile of t, on the patients of the class less one, times the standard error.
      const of = levels.map(({ difference, patients }) => {
        const { estimate, lower, upper } = difference;
        return {
          estimate: estimate ?? 0,
          variance: (((upper ?? 0) - (lower ?? 0)) / 2 / studentQuantile(0.975, patients - 1)) ** 2,
        };
      });
      const [north, south] = of;
      const wald =
        ((north?.estimate ?? 0) - (south?.estimate ?? 0)) ** 2 / ((north?.variance ?? 0) + (south?.variance ?? 0));
      const least = Math.min(...levels.map(({ patients }) => patients));
      expect(measure).not.toBe("auc");
      expect(interaction?.df).toEqual([1, least - 1]);
      expectClose(interaction?.statistic, wald, { relative: 1e-9 });
      expectClose(interaction?.p, fUpperTail(wald, 1, least - 1), { relative: 1e-9 });
    }
  });

  it("that are alike are found to differ in 5 of 100 studies, and nearly always where one is better", () => {
    const below = (gain: number, studies: number, seed: number) => {
      let [found, tests] = [0, 0];
      for (let i = 0; i < studies; i++) {
        const { images, reads, scores } = drawn(seed + i, 60, { gain });
        const known = knownImages(images, "patient");
        const scored = opinionsOfNetwork(scores, 0.5, known);
        const pairs = opinionsOfReaders(reads, known, [])
          .filter(({ condition }) => condition === "C1")
          .map((reader) => [scored, reader] as const);
        for (const key of gain ? ["site"] : ["plane", "site"]) {
          const of = images.map(({ groups }) => groups?.[key] ?? null);
          const factor = { key, levels: [...new Set(of.flatMap((group) => group ?? []))], of };
          const { interaction } = subgroupsOf(
            factor,
            { kind: "network", first: null, second: "C1", pairs },
            "auc",
            known,
          );
          tests++;
          if (interaction && interaction.p < 0.05) found++;
        }
      }
      return found / tests;
    };
    const size = below(0, 300, Date.now() % 1e6);
    expect(size).toBeGreaterThan(0.015);
    expect(size).toBeLessThan(0.09);
    expect(below(2.5, 20, 77)).toBeGreaterThan(0.7);
  });

  it("of which one has a class in a single patient are shown without a test, and what is not recorded is in none", () => {
    const study = drawn(3, 30);
    const images = study.images.map((image, i) => ({
      ...image,
      groups: { region: i < 3 ? "rare" : i < 60 ? "common" : null },
    }));
    const { subgroups } = compared({ ...study, images }, ["region"]);
    for (const { levels, interaction } of subgroups) {
      const rare = levels.find(({ level }) => level === "rare");
      expect(rare?.difference.lower ?? null).toBeNull();
      expect(rare?.p).toBeNull();
      expect(interaction).toBeNull();
      expect(levels.reduce((sum, { n }) => sum + n, 0)).toBeLessThanOrEqual(60);
    }
  });
});
