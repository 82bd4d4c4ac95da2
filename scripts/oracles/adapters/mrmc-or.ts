import { z } from "zod";
import type { FigureOfMerit } from "@/core/stats/readers/figures-of-merit";
import { obuchowskiRockette, type SingleTest, type TestDifference } from "@/core/stats/readers/obuchowski-rockette";
import { type Context, clusterOf, defineAdapter, scoreOf } from "../context";

const names = z.array(z.string());
const input = z.strictObject({
  dataset: z.string(),
  tests: names,
  readers: names,
  scores: z.array(names),
  metric: z.enum(["auc", "sensitivity", "specificity"]),
  covariance: z.enum(["delong", "jackknife", "obuchowski", "binomial", "cluster"]),
  cluster: z.string().optional(),
  threshold_ge: z.number().optional(),
});
type Input = z.infer<typeof input>;

export const adapter = defineAdapter(input, (given, context) => {
  const dataset = context.dataset(given.dataset);
  const result = obuchowskiRockette({
    truth: dataset.truth,
    scores: given.scores.map((row) => row.map((name) => scoreOf(dataset, given.dataset, name))),
    direction: "higher",
    ...figureOf(given, context),
  });
  const { randomReadersRandomCases: rrrc, randomReadersFixedCases: rrfc, fixedReadersRandomCases: frrc } = result;
  const testNames = (tests: [number, number]) => tests.map((test) => test + 1);
  const byT = (each: TestDifference) => ({
    tests: testNames(each.tests),
    estimate: each.estimate,
    se: each.standardError,
    df: each.df,
    ci95: each.limits ?? [null, null],
    t: each.statistic,
    p: each.p,
  });
  const byZ = (each: TestDifference) => ({
    tests: testNames(each.tests),
    estimate: each.estimate,
    se: each.standardError,
    ci95: each.limits ?? [null, null],
    z: each.statistic,
    p: each.p,
  });
  const single = (each: SingleTest) => ({
    estimate: each.estimate,
    se: each.standardError,
    df: each.df,
    ci95: each.limits ?? [null, null],
  });
  return {
    theta: result.theta,
    covariance_matrix: result.covariance,
    ms: { T: result.meanSquares.test, R: result.meanSquares.reader, TR: result.meanSquares.testByReader },
    components: {
      Var: result.components.variance,
      Cov1: result.components.cov1,
      Cov2: result.components.cov2,
      Cov3: result.components.cov3,
      var_reader: result.components.reader,
      var_test_by_reader: result.components.testByReader,
    },
    rrrc: {
      denominator: rrrc.denominator,
      F: rrrc.f,
      df1: rrrc.df1,
      df2: rrrc.df2,
      p: rrrc.p,
      differences: rrrc.differences.map(byT),
      single: rrrc.single.map((each) => ({ ...single(each), ms_r: each.meanSquareReader, cov2: each.cov2 })),
    },
    rrfc: { F: rrfc.f, df1: rrfc.df1, df2: rrfc.df2, p: rrfc.p, differences: rrfc.differences.map(byT) },
    frrc: {
      denominator: frrc.denominator,
      chi2: frrc.chiSquare,
      df: frrc.df,
      p: frrc.p,
      differences: frrc.differences.map(byZ),
      single: frrc.single.map((each) => ({ ...single(each), var: each.variance, cov2: each.cov2 })),
      by_reader: frrc.byReader.map((each) => ({ ...byZ(each), reader: each.reader + 1 })),
    },
  };
});

function figureOf({ dataset, metric, covariance, cluster, threshold_ge }: Input, context: Context): FigureOfMerit {
  const ids = () => clusterOf(context, dataset, cluster ?? "");
  if (metric === "auc") {
    if (covariance === "obuchowski") return { metric, covariance: { kind: covariance, cluster: ids() } };
    if (covariance === "delong" || covariance === "jackknife") return { metric, covariance: { kind: covariance } };
    throw new Error(`the ${covariance} covariance is not one of areas`);
  }
  const threshold = threshold_ge ?? 1;
  if (covariance === "binomial") return { metric, threshold, covariance: { kind: covariance } };
  if (covariance === "cluster") return { metric, threshold, covariance: { kind: covariance, cluster: ids() } };
  throw new Error(`the ${covariance} covariance is not one of shares`);
}
