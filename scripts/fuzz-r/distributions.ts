import * as ours from "@/core/stats/distributions";
import type { Draw } from "./draw";
import { defineFamily } from "./family";

/** A function with random arguments; degrees of freedom may be fractional, tails far. */
function drawCall(draw: Draw): { fn: string; args: number[]; value: () => number } {
  const positive = (most: number) =>
    draw.isOne(0.5) ? draw.whole(1, most) : draw.isOne(0.5) ? 0.1 + draw.fraction() * most : 0.3 + draw.fraction() ** 3;
  const anyNumber = () => draw.normal() * draw.pick([0.1, 1, 5, 30]);
  const probability = () => {
    const p = draw.pick([0.025, 0.975, 0.5, draw.fraction(), draw.fraction() ** 6, 1 - draw.fraction() ** 6]);
    return Math.min(1 - 1e-9, Math.max(1e-12, p));
  };
  const unit = () => draw.pick([draw.fraction(), draw.fraction() ** 5, 1 - draw.fraction() ** 5]);
  const call = <Args extends number[]>(fn: string, of: (...args: Args) => number, ...args: Args) => {
    return { fn, args, value: () => of(...args) };
  };
  const trials = draw.whole(1, draw.pick([5, 40, 800]));
  const [m, n] = [draw.whole(0, draw.pick([5, 40, 400])), draw.whole(0, draw.pick([5, 40, 400]))];
  const drawn = draw.whole(0, m + n);
  const calls = [
    () => call("normalUpperTail", ours.normalUpperTail, anyNumber()),
    () => call("normalQuantile", ours.normalQuantile, probability()),
    () => call("studentTwoSidedP", ours.studentTwoSidedP, anyNumber(), positive(200)),
    () => call("studentCdf", ours.studentCdf, anyNumber(), positive(200)),
    () => call("studentQuantile", ours.studentQuantile, probability(), positive(200)),
    () => call("fUpperTail", ours.fUpperTail, anyNumber() ** 2, positive(60), positive(200)),
    () => call("chiSquareUpperTail", ours.chiSquareUpperTail, anyNumber() ** 2, positive(60)),
    () => call("betaCdf", ours.betaCdf, unit(), positive(60), positive(60)),
    () => call("betaQuantile", ours.betaQuantile, probability(), positive(60), positive(60)),
    () => call("binomialPmf", ours.binomialPmf, draw.whole(0, trials), trials, unit()),
    () => call("binomialCdf", ours.binomialCdf, draw.whole(0, trials), trials, unit()),
    () => call("hypergeometricPmf", ours.hypergeometricPmf, draw.whole(0, m), m, n, drawn),
    () => call("hypergeometricCdf", ours.hypergeometricCdf, draw.whole(0, m), m, n, drawn),
  ];
  return draw.pick(calls)();
}

export const distributionFamily = defineFamily({
  name: "distributions",
  weight: 10,
  // An absolute part would let 0 pass for a far tail.
  tolerance: { relative: 1e-9, absolute: 1e-290, exceptions: [] },
  draw: drawCall,
  compute: ({ fn, value }) => ({ [fn]: value() }),
});
