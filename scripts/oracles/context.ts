import type { z } from "zod";

/** What an adapter may ask for beside the input of its case. */
export interface Context {
  dataset(id: string): Dataset;
}

export interface Dataset {
  truth: number[];
  scores: Record<string, number[]>;
  cluster?: Record<string, (string | number)[]> | undefined;
}

/** From the input of a case to what this project computes, in the shape of the case's `expected`. */
export interface Adapter {
  /** @throws when the input has a field that is not known, or lacks one */
  run(input: unknown, context: Context): unknown;
}

export const defineAdapter = <Schema extends z.ZodType>(
  input: Schema,
  compute: (input: z.infer<Schema>, context: Context) => unknown,
): Adapter => ({ run: (raw, context) => compute(input.parse(raw), context) });

/** One score of a data set with the truth; a higher score is more suspicious. */
export function scored(context: Context, id: string, name: string) {
  const dataset = context.dataset(id);
  return { truth: dataset.truth, score: scoreOf(dataset, id, name), direction: "higher" as const };
}

export function scoreOf(dataset: Dataset, id: string, name: string): number[] {
  const score = dataset.scores[name];
  if (!score) throw new Error(`dataset ${id} has no score ${name}`);
  return score;
}

export function clusterOf(context: Context, id: string, name: string): (string | number)[] {
  const cluster = context.dataset(id).cluster?.[name];
  if (!cluster) throw new Error(`dataset ${id} has no cluster ${name}`);
  return cluster;
}

/** The limits of an interval as the files write them. */
export const limitsOf = (interval: { lower: number | null; upper: number | null }) => [interval.lower, interval.upper];
