import { type ImagingPlan, type PlannedSequence, type SequenceFigure, sequenceFigures } from "@/core/protocol/imaging";
import type { DataSet } from "./data-set";
import { tagOf } from "./dictionary";
import type { Orientation, Plane } from "./plane";
import { number } from "./values";

/** What a scanner did for a stack, in the words of the protocol; null where the file does not say it. */
export type Acquisition = Record<SequenceFigure, number | null>;

/**
 * The figures of a stack, from one of its frames and its step.
 * @param frame a frame's attributes (`frameOf`)
 */
export function acquisitionOf(frame: DataSet, plane: Plane, step: number | null): Acquisition {
  const found = (keyword: string) => number(frame, tagOf(keyword)) ?? null;
  const { spacing, width, height, thickness } = plane;
  return {
    repetitionTimeMs: found("RepetitionTime"),
    echoTimeMs: found("EchoTime") ?? found("EffectiveEchoTime"),
    thicknessMm: thickness ?? null,
    stepMm: step ?? found("SpacingBetweenSlices"),
    pixelMm: Math.max(spacing.rows, spacing.columns),
    fieldOfViewMm: Math.max(width * spacing.columns, height * spacing.rows),
  };
}

/** A figure that is not as the protocol asks. */
export interface Deviation {
  figure: SequenceFigure;
  asked: number;
  within: number;
  /** Null where the file does not say it. */
  found: number | null;
}

/** Half of the last digit that scanners write: a difference of that much is none. */
const rounding = 1e-6;

/** Where a stack differs from a sequence by more than its tolerance. */
export const deviationsOf = (acquisition: Acquisition, sequence: PlannedSequence): Deviation[] =>
  sequenceFigures.flatMap((figure) => {
    const asked = sequence[figure];
    if (!asked) return [];
    const found = acquisition[figure];
    if (found !== null && Math.abs(found - asked.value) <= asked.within + rounding) return [];
    return [{ figure, asked: asked.value, within: asked.within, found }];
  });

export interface ScannedStack {
  orientation: Orientation;
  acquisition: Acquisition;
}

/** A sequence of the table with the stack that is nearest to it; none where no stack lies in its plane. */
export interface SequenceMatch<T> {
  sequence: string;
  stack: T | null;
  deviations: Deviation[];
}

/**
 * The table of the protocol against an exam: for each sequence the stack of its plane with the fewest deviations, of several the one whose figures differ
 * least. An oblique stack counts for the plane nearest to it as well: a tilted axial scan is an axial scan.
 */
export function matchSequences<T extends ScannedStack>(
  stacks: readonly T[],
  { sequences }: Pick<ImagingPlan, "sequences">,
): SequenceMatch<T>[] {
  return sequences.map((sequence) => {
    const [best] = stacks
      .filter(({ orientation: { name, nearest } }) => sequence.plane === name || sequence.plane === nearest)
      .map((stack) => ({ stack, deviations: deviationsOf(stack.acquisition, sequence) }))
      .sort((a, b) => a.deviations.length - b.deviations.length || excess(a.deviations) - excess(b.deviations));
    return { sequence: sequence.key, stack: best?.stack ?? null, deviations: best?.deviations ?? [] };
  });
}

/** How far the deviations go, each as a share of what was asked; what is not said counts as all of it. */
const excess = (deviations: readonly Deviation[]): number =>
  deviations.reduce((sum, { asked, found }) => sum + Math.abs((found ?? 0) - asked) / asked, 0);
