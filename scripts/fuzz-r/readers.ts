import type { FigureOfMerit } from "@/core/stats/readers/figures-of-merit";
import { networkAgainstReaders } from "@/core/stats/readers/network-against-readers";
import { obuchowskiRockette, type SingleTest, type TestDifference } from "@/core/stats/readers/obuchowski-rockette";
import type { TestedDifference } from "@/core/stats/readers/tested-difference";
import { type Draw, drawClusters, drawDirection, drawScore, drawSecondScore, drawTail, drawTruth } from "./draw";
import { defineFamily } from "./family";

interface Figure {
  metric: "auc" | "sensitivity" | "specificity";
  kind: "delong" | "jackknife" | "obuchowski" | "binomial" | "cluster";
  threshold: number;
  cluster: (string | number)[];
}

function drawFigure(draw: Draw, truth: readonly number[]): Figure {
  const cluster = drawClusters(draw, truth.length);
  const metric = draw.pick(["auc", "auc", "sensitivity", "specificity"] as const);
  const kind =
    metric === "auc"
      ? draw.pick(["delong", "jackknife", "obuchowski"] as const)
      : draw.pick(["binomial", "cluster"] as const);
  return { metric, kind, threshold: draw.pick([0, 1, 2, 0.5]), cluster };
}

function figureOf({ metric, kind, threshold, cluster }: Figure): FigureOfMerit {
  if (metric === "auc") {
    if (kind === "obuchowski") return { metric, covariance: { kind, cluster } };
    return { metric, covariance: { kind: kind === "jackknife" ? kind : "delong" } };
  }
  return { metric, threshold, covariance: kind === "cluster" ? { kind, cluster } : { kind: "binomial" } };
}

const written = (each: TestDifference | TestedDifference) => ({
  estimate: each.estimate,
  se: each.standardError,
  df: each.df,
  ci: each.limits ?? [null, null],
  statistic: each.statistic,
  p: each.p,
});

const writtenSingle = (each: SingleTest) => ({
  estimate: each.estimate,
  se: each.standardError,
  df: each.df,
  ci: each.limits ?? [null, null],
});

export const readerFamilies = [
  defineFamily({
    name: "obuchowski-rockette",
    weight: 4,
    draw: (draw) => {
      const truth = drawTruth(draw);
      const [tests, readers] = [draw.whole(2, 3), draw.whole(2, 4)];
      const base = drawScore(draw, truth);
      const scores = draw.many(tests, () => draw.many(readers, () => drawSecondScore(draw, truth, base)));
      return { truth, scores, direction: drawDirection(draw), ...drawFigure(draw, truth) };
    },
    compute: ({ truth, scores, direction, ...figure }) => {
      const found = obuchowskiRockette({ truth, scores, direction, ...figureOf(figure) });
      const { randomReadersRandomCases: rrrc, randomReadersFixedCases: rrfc, fixedReadersRandomCases: frrc } = found;
      const { components, meanSquares } = found;
      return {
        theta: found.theta,
        covariance: found.covariance,
        ms: [meanSquares.test, meanSquares.reader, meanSquares.testByReader],
        components: [components.variance, components.cov1, components.cov2, components.cov3],
        estimated: [components.reader, components.testByReader],
        rrrc: {
          test: [rrrc.denominator, rrrc.f, rrrc.df2, rrrc.p],
          differences: rrrc.differences.map(written),
          single: rrrc.single.map(writtenSingle),
        },
        rrfc: { test: [rrfc.f, rrfc.df2, rrfc.p], differences: rrfc.differences.map(written) },
        frrc: {
          test: [frrc.denominator, frrc.chiSquare, frrc.df, frrc.p],
          differences: frrc.differences.map(written),
          single: frrc.single.map(writtenSingle),
          byReader: frrc.byReader.map(written),
        },
      };
    },
  }),
  defineFamily({
    name: "network-against-readers",
    weight: 3,
    draw: (draw) => {
      const truth = drawTruth(draw);
      const network = drawScore(draw, truth);
      const readers = draw.many(draw.whole(1, 4), () => drawSecondScore(draw, truth, network));
      return {
        truth,
        network,
        readers,
        direction: drawDirection(draw),
        tail: drawTail(draw),
        ...drawFigure(draw, truth),
      };
    },
    compute: ({ truth, network, readers, direction, tail, ...figure }) => {
      const found = networkAgainstReaders({ truth, network, readers, direction, tail, ...figureOf(figure) });
      return {
        areas: [found.network, ...found.readers],
        components: [found.variance, found.cov2],
        random: found.randomReaders && written(found.randomReaders),
        fixed: written(found.fixedReaders),
        perReader: found.perReader.map(written),
        holm: found.perReader.map(({ pHolm }) => pHolm),
      };
    },
  }),
];
