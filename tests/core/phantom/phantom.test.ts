import { describe, expect, it } from "vitest";
import { drawNode } from "@/core/phantom/node";
import { drawStudy } from "@/core/phantom/study";
import { auc } from "@/core/stats/roc/auc";

const planes = ["axial", "sagittal", "coronal"];
const regions = ["mesorectal", "superior rectal artery"];
const population = drawStudy({ seed: 3, subjects: 129, nodes: 227, planes, regions });
const nodes = population.flatMap((subject) => subject.nodes);

describe("a phantom study", () => {
  it("resembles the founding study", () => {
    expect(nodes).toHaveLength(227);
    expect(nodes.filter(({ positive }) => positive)).toHaveLength(99);
    expect(population.every((subject) => subject.nodes.length > 0)).toBe(true);
    expect(population.every(({ values: { age_years: age } }) => Number(age) >= 33 && Number(age) <= 80)).toBe(true);
    for (const { positive, shortAxisMm } of nodes) {
      expect(shortAxisMm).toBeGreaterThanOrEqual(positive ? 4 : 3);
      expect(shortAxisMm).toBeLessThanOrEqual(positive ? 22 : 9);
    }
    const images = nodes.reduce((sum, node) => sum + node.planes.length, 0);
    expect(Math.abs(images - 644)).toBeLessThan(25);
  });

  it("repeats with its seed, and refuses fewer nodes than subjects", () => {
    expect(drawStudy({ seed: 3, subjects: 129, nodes: 227, planes, regions })).toEqual(population);
    expect(drawStudy({ seed: 4, subjects: 129, nodes: 227, planes, regions })).not.toEqual(population);
    expect(() => drawStudy({ seed: 1, subjects: 5, nodes: 4, planes, regions })).toThrow("4 nodes are too few");
  });
});

describe("a phantom node", () => {
  it("repeats with seed and plane, and keeps its features in every plane", () => {
    const options = { seed: 8, positive: true, shortAxisMm: 7 };
    const axial = drawNode({ ...options, plane: "axial" });
    const coronal = drawNode({ ...options, plane: "coronal" });
    expect(drawNode({ ...options, plane: "axial" })).toEqual(axial);
    expect(coronal.features).toEqual(axial.features);
    expect(coronal.pixels).not.toEqual(axial.pixels);
  });

  it("is cropped to about 20 to 110 pixels, over the diameters of the founding study", () => {
    for (const { seed, positive, shortAxisMm } of [...nodes, { seed: 1, positive: true, shortAxisMm: 22 }]) {
      const { width, height, pixels } = drawNode({ seed, positive, shortAxisMm, plane: "axial" });
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(19);
      expect(Math.max(width, height)).toBeLessThanOrEqual(112);
      expect(pixels).toHaveLength(width * height);
    }
  });

  it("can be told apart by its features well, but not perfectly", () => {
    const truth = nodes.map(({ positive }) => (positive ? 1 : 0));
    const features = nodes.map((node) => drawNode({ ...node, plane: "axial" }).features);
    const areaOf = (score: number[]) => auc({ truth, score, direction: "higher" }).auc.estimate;
    const separation = areaOf(features.map((each) => each.irregular + each.heterogeneous + each.round));
    expect(separation).toBeGreaterThan(0.9);
    expect(separation).toBeLessThan(0.999);
    expect(areaOf(features.map(({ round }) => round))).toBeLessThan(0.95);
  });
});
