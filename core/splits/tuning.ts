import { SaidError } from "@/core/words/said";
import { seedOf, shuffled } from "../random";
import { type Group, groupsOf, type Link, type SplitItem, type SplitUnit, unitNames } from "./groups";

/**
 * Sets part of a training side aside for early stopping, choices between regimens and the operating point, so that nothing is chosen on
 * the images that are judged. Whole units (and what shares an image with them) move, stratified by the classes they hold; the share is one
 * of units, so the share of images varies. Both the part and the rest hold both classes.
 * The same items, links and seed give the same part, in whatever order they come.
 * @param options.items the training side only
 * @param options.fraction share of the units, above 0 and below 1; as near as both classes on both sides allow
 * @returns the ids of the images set aside
 * @throws RangeError when the fraction is not between 0 and 1, SaidError when fewer than two units (or groups of linked units) hold a class
 */
export function tuningPart({
  items,
  fraction,
  seed,
  unit,
  links = [],
}: {
  items: readonly SplitItem[];
  fraction: number;
  seed: number;
  unit: SplitUnit;
  links?: readonly Link[];
}): Set<string> {
  if (!(fraction > 0 && fraction < 1))
    throw new RangeError(`a tuning part of ${fraction} is not between 0 and 1; 0.1 to 0.3 are usual`);
  const groups = groupsOf(items, unit, links);
  for (const truth of [1, 0] as const) {
    const holding = groups.filter((group) => holds(group, truth)).length;
    const { many } = unitNames[unit];
    if (holding < 2)
      throw new SaidError({
        key: "worker.too_few_to_tune",
        values: { units: holding, unit: many, truth: truth === 1 ? "positive" : "negative" },
      });
  }
  const positive = groups.filter((group) => !holds(group, 0));
  const negative = groups.filter((group) => !holds(group, 1));
  const mixed = groups.filter((group) => holds(group, 0) && holds(group, 1));
  const strata = [positive, negative, mixed];
  const taken = numbersTaken(positive.length, negative.length, mixed.length, fraction);
  return new Set(
    strata.flatMap((stratum, i) =>
      shuffled(stratum, seedOf(seed, "tuning", i))
        .slice(0, taken[i])
        .flatMap((group) => group.items.map(({ id }) => id)),
    ),
  );
}

const holds = (group: Group, truth: 0 | 1) => group.items.some((item) => item.truth === truth);

/**
 * How many of each stratum go to the part: the numbers nearest to the fraction (least squares over the strata and their sum) that leave
 * both classes on both sides. With two groups of each class such numbers exist within two of the exact share.
 */
function numbersTaken(positive: number, negative: number, mixed: number, fraction: number): number[] {
  const near = (count: number) => {
    const whole = Math.floor(fraction * count);
    return [whole - 1, whole, whole + 1, whole + 2].filter((taken) => taken >= 0 && taken <= count);
  };
  let best: number[] = [];
  let least = Number.POSITIVE_INFINITY;
  for (const p of near(positive)) {
    for (const n of near(negative)) {
      for (const m of near(mixed)) {
        const rest = { p: positive - p, n: negative - n, m: mixed - m };
        if (p + m < 1 || n + m < 1 || rest.p + rest.m < 1 || rest.n + rest.m < 1) continue;
        const total = p + n + m - fraction * (positive + negative + mixed);
        const off =
          total ** 2 + (p - fraction * positive) ** 2 + (n - fraction * negative) ** 2 + (m - fraction * mixed) ** 2;
        if (off < least) {
          least = off;
          best = [p, n, m];
        }
      }
    }
  }
  return best;
}
