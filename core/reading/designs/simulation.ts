import type { Design, DesignCase } from "./design";
import { drawDesign } from "./draw-design";
import { type EffectsOfCondition, effectsOf } from "./effects";
import { adjacent } from "./order";
import { fewestForRepeats, type Repeats } from "./repeats";

/** The numbers that are asked for, with the range of each and what stands there where the plan says nothing. */
export const simulationFields = {
  patients: { min: 1, max: 1000, whole: true, start: "75" },
  nodes: { min: 1, max: 20, whole: true, start: "2" },
  images: { min: 1, max: 20, whole: true, start: "1" },
  readers: { min: 1, max: 100, whole: true, start: "4" },
  groups: { min: 2, max: 20, whole: true, start: "2" },
  blockSize: { min: 2, max: 1000, whole: true, start: "50" },
  minutesPerRead: { min: 0.1, max: 60, whole: false, start: "1" },
  perSession: { min: 1, max: 1000, whole: true, start: "50" },
} as const;
export type SimulationField = keyof typeof simulationFields;

/** A simulation as it is typed in. */
export interface TypedSimulation {
  design: Design;
  values: Record<SimulationField, string>;
}

/** What a protocol plans of the reading. */
export interface ReadingPlan {
  design: Design;
  /** To be enrolled; null: nothing is planned. */
  patients: number | null;
  readers: number;
  /** Cases of a node: its planes, or 1 where they are one case. */
  images: number;
  conditions: readonly string[];
}

export function startOfSimulation({ design, patients, readers, images }: ReadingPlan): TypedSimulation {
  const values = Object.fromEntries(
    Object.entries(simulationFields).map(([name, { start }]) => [name, start]),
  ) as TypedSimulation["values"];
  const planned = { readers: String(readers), images: String(images) };
  return { design, values: { ...values, ...planned, ...(patients === null ? {} : { patients: String(patients) }) } };
}

/** Whether a field counts in this design. */
export const isAskedOf = (name: SimulationField, design: Design): boolean =>
  (name !== "groups" || design === "split-plot") && (name !== "blockSize" || design === "random-blocks");

/** The range of a field beside the others: no group is without a reader. */
export function rangeOf(name: SimulationField, { readers }: TypedSimulation["values"]) {
  const { min, max, whole } = simulationFields[name];
  return { min, max: name === "groups" ? Math.max(min, Math.min(max, Number(readers) || max)) : max, whole };
}

/** Reads that a page draws at once without keeping whoever types waiting. */
export const mostReads = 50_000;

export type Simulation =
  | { kind: "wrong"; fields: SimulationField[] }
  | { kind: "many"; reads: number }
  | {
      kind: "drawn";
      cases: number;
      conditions: EffectsOfCondition[];
      /** All conditions, of the reader who has most. */
      reads: number;
      sessions: number;
      minutes: number;
      /** Images of a list that follow one of the same node, because it has too few others. */
      adjacent: number;
      /** Cases that a list has too few for the hidden repeats that are asked for: it would not be drawn. */
      lacking: number;
    };

/**
 * What the typed design asks of its readers, in one drawing of it by a seed that is no study's.
 * @param repeats what the lists of a condition have of hidden repeats
 */
export function simulationOf(
  { design, values }: TypedSimulation,
  conditions: readonly string[],
  repeats: ReadonlyMap<string, Repeats> = new Map(),
): Simulation {
  const number = (name: SimulationField) => Number(values[name]);
  const fields = (Object.keys(simulationFields) as SimulationField[]).filter((name) => {
    const { min, max, whole } = rangeOf(name, values);
    const value = number(name);
    return (
      isAskedOf(name, design) &&
      !(values[name].trim() !== "" && value >= min && value <= max && (!whole || Number.isInteger(value)))
    );
  });
  if (fields.length > 0) return { kind: "wrong", fields };
  const count = number("patients") * number("nodes") * number("images");
  const reads = count * number("readers") * conditions.length;
  if (reads > mostReads) return { kind: "many", reads };
  const cases = range(number("patients")).flatMap((patient) =>
    range(number("nodes")).flatMap((node) =>
      range(number("images")).map(
        (image): DesignCase => ({
          id: `${patient}.${node}.${image}`,
          node: `${patient}.${node}`,
          patient: String(patient),
        }),
      ),
    ),
  );
  const readers = range(number("readers")).map((reader) => `R${reader + 1}`);
  const lists = drawDesign(
    design,
    { readers, cases, conditions, seed: "simulation", repeats },
    { blockSize: number("blockSize"), groups: number("groups") },
  );
  const effects = effectsOf({ readers, conditions }, lists, {
    perSession: number("perSession"),
    minutesPerRead: number("minutesPerRead"),
  });
  const sum = (of: (each: EffectsOfCondition) => number) => effects.reduce((total, each) => total + of(each), 0);
  return {
    kind: "drawn",
    cases: count,
    conditions: effects,
    reads: sum((each) => each.reads.most),
    sessions: sum((each) => each.sessions),
    minutes: sum((each) => each.minutes),
    adjacent: lists.reduce((total, list) => total + adjacent(list.cases), 0),
    lacking:
      design === "sequential" ? Math.max(0, ...[...repeats.values()].map((each) => fewestForRepeats(each) - count)) : 0,
  };
}

const range = (length: number) => Array.from({ length }, (_, at) => at);
