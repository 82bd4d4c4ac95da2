import { StatsError } from "@/core/stats/errors";
import type { Tolerance } from "@/scripts/oracles/compare";
import { type Draw, drawing } from "./draw";

/** One random case: what goes to R as JSON, and what this project makes of it, in the shape of R's answer. */
export interface Drawn {
  input: unknown;
  compute: () => unknown;
}

/** Cases of one kind; reference.R has a function of the same name. */
export interface Family {
  name: string;
  /** Share of the cases, in parts of all weights. */
  weight: number;
  tolerance: Tolerance;
  drawCase: (draw: Draw) => Drawn;
}

export const tolerance: Tolerance = { relative: 1e-9, absolute: 1e-11, exceptions: [] };

export function defineFamily<Input>(about: {
  name: string;
  weight: number;
  tolerance?: Tolerance;
  draw: (draw: Draw) => Input;
  compute: (input: Input) => unknown;
}): Family {
  const { name, weight, draw, compute } = about;
  const drawCase = (from: Draw): Drawn => {
    const input = draw(from);
    return { input, compute: () => computed(() => compute(input)) };
  };
  return { name, weight, tolerance: about.tolerance ?? tolerance, drawCase };
}

/** What is refused is an answer too: its code. */
function computed(compute: () => unknown): unknown {
  try {
    return compute();
  } catch (error) {
    return { error: error instanceof StatsError ? error.code : String(error) };
  }
}

export interface Case extends Drawn {
  index: number;
  family: Family;
}

/** Case `index` of a seed: the same whatever the number of cases. Families take turns by weight. */
export function caseOf(families: readonly Family[], seed: number, index: number): Case {
  const turns = families.flatMap((family) => new Array<Family>(family.weight).fill(family));
  const family = turns[index % turns.length];
  if (!family) throw new Error("there is no family of cases");
  return { index, family, ...family.drawCase(drawing(seed, index)) };
}
