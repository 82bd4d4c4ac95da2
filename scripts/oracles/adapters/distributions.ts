import { z } from "zod";
import * as d from "@/core/stats/distributions";
import { defineAdapter } from "../context";

const one = z.tuple([z.number()]);
const two = z.tuple([z.number(), z.number()]);
const three = z.tuple([z.number(), z.number(), z.number()]);
const four = z.tuple([z.number(), z.number(), z.number(), z.number()]);

const functions = new Map<string, (args: readonly number[]) => number>([
  ["norm_cdf", (args) => d.normalCdf(...one.parse(args))],
  ["norm_sf", (args) => d.normalUpperTail(...one.parse(args))],
  ["norm_quantile", (args) => d.normalQuantile(...one.parse(args))],
  ["t_cdf", (args) => d.studentCdf(...two.parse(args))],
  ["t_two_sided_p", (args) => d.studentTwoSidedP(...two.parse(args))],
  ["t_quantile", (args) => d.studentQuantile(...two.parse(args))],
  ["f_sf", (args) => d.fUpperTail(...three.parse(args))],
  ["chi2_sf", (args) => d.chiSquareUpperTail(...two.parse(args))],
  ["beta_cdf", (args) => d.betaCdf(...three.parse(args))],
  ["beta_quantile", (args) => d.betaQuantile(...three.parse(args))],
  ["binom_pmf", (args) => d.binomialPmf(...three.parse(args))],
  ["binom_cdf", (args) => d.binomialCdf(...three.parse(args))],
  ["hyper_pmf", (args) => d.hypergeometricPmf(...four.parse(args))],
  ["hyper_cdf", (args) => d.hypergeometricCdf(...four.parse(args))],
]);

export const adapter = defineAdapter(z.strictObject({ fn: z.string(), args: z.array(z.number()) }), ({ fn, args }) => {
  const compute = functions.get(fn);
  if (!compute) throw new Error(`${fn} is no distribution that is known`);
  return compute(args);
});
