import { z } from "zod";
import {
  compareReaderAveragedAuc,
  type ReaderAveragedSpread,
  type ReaderAveragedTest,
} from "@/core/stats/readers/u-statistics";
import { defineAdapter } from "../context";

const input = z.strictObject({
  dataset: z.string(),
  tests: z.tuple([z.string(), z.string()]),
  readers: z.array(z.string()),
  /** Test, then reader. */
  score_pattern: z.string(),
  missing: z
    .array(z.strictObject({ test: z.string(), reader: z.string(), case_index: z.number().int().nonnegative() }))
    .default([]),
});

export const adapter = defineAdapter(input, ({ dataset, tests, readers, score_pattern, missing }, context) => {
  const { truth, scores } = context.dataset(dataset);
  const readsOf = (test: string) =>
    readers.map((reader) => {
      const name = score_pattern.replace("%s", test).replace("%s", reader);
      const left = new Set(missing.filter((m) => m.test === test && m.reader === reader).map((m) => m.case_index));
      const values = scores[name];
      if (!values) throw new Error(`${dataset} has no score ${name}.`);
      return values.map((value, index) => (left.has(index) ? null : value));
    });
  const [test1, test2] = tests;
  const { first, second, difference } = compareReaderAveragedAuc({
    truth,
    first: readsOf(test1),
    second: readsOf(test2),
    direction: "higher",
  });
  const single = (test: string, { area, variance, df }: ReaderAveragedSpread) => ({
    test,
    auc: area.estimate,
    var: variance,
    df_bdg: df,
    ci95_bdg: [area.lower, area.upper],
  });
  const rows = (a: ReaderAveragedSpread, b: ReaderAveragedSpread, d: ReaderAveragedTest) => [
    single(test1, a),
    single(test2, b),
    {
      tests,
      auc1: a.area.estimate,
      auc2: b.area.estimate,
      difference: d.area.estimate,
      var_difference: d.variance,
      p_normal: d.pNormal,
      df_bdg: d.df,
      p_bdg: d.pStudent,
      ci95_bdg: [d.area.lower, d.area.upper],
    },
  ];
  return {
    u_statistics: rows(first.unbiased, second.unbiased, difference.unbiased),
    mle: rows(first.mle, second.mle, difference.mle),
  };
});
