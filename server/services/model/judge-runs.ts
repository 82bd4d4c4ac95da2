import { isDeepStrictEqual } from "node:util";
import { compareNetworks } from "@/core/stats/comparison/networks";
import { by, type Estimate, notEstimable } from "@/core/stats/types";
import type { Said } from "@/core/words";
import type { JudgedRuns, RunResult } from "@/server/schemas/model";
import { judgeImages } from "./judge-images";
import type { RunsInput } from "./load-runs";
import { withCautions } from "./with-cautions";

type JudgedRun = RunsInput["runs"][number];

const pooled: Said = { key: "model.caution.pooled" };

/**
 * What runs are worth: the figures of each, clustered by patient as on the comparison page, and every difference of AUC between two, first less
 * second, on the crops that both scored out-of-fold. P values are not adjusted; a caution counts them. Of a whole sweep also the figures of the depths
 * chosen in each fold. Pure; about 20 ms for each run and each pair of 5,000 images, so it runs in a process of its own
 * (`worker/jobs/analyse.handler.ts`).
 */
export function judgeRuns(
  { runs, nested }: RunsInput,
  { onProgress }: { onProgress?: (done: number, total: number) => void } = {},
): JudgedRuns {
  const pairs = runs.flatMap((first, i) => runs.slice(i + 1).map((second): [JudgedRun, JudgedRun] => [first, second]));
  const total = runs.length + pairs.length;
  let done = 0;
  const counted = <T>(value: T): T => {
    onProgress?.(++done, total);
    return value;
  };
  const results = runs.map((run) => counted({ runId: run.id, result: resultOf(run) }));
  const compared = pairs.map(([first, second]) => counted({ first, second, ...differenceOf(first, second) }));
  const tested = compared.filter(({ p }) => p !== null).length;
  const several: Said[] = tested > 1 ? [{ key: "model.caution.one_of_several", values: { tested } }] : [];
  return {
    results,
    differences: compared.map(({ first, second, n, difference, p }) => {
      const others = second.cautions.filter(
        (caution) => !first.cautions.some((own) => isDeepStrictEqual(own, caution)),
      );
      const cautions = [...first.cautions, ...others, ...several];
      return { first: first.id, second: second.id, n, difference: withCautions(difference, cautions), p };
    }),
    nested: nested && nestedResult(nested),
  };
}

/** A run that lacks scores of its snapshot says so. */
function resultOf({ images, of, cautions }: JudgedRun): RunResult {
  const missing = of - images.length;
  const lacking: Said[] = missing > 0 ? [{ key: "model.caution.unscored", values: { missing, images: of } }] : [];
  return judgeImages(images, [...cautions, ...lacking]);
}

/** A control has no difference, but the reason: it is judged by labels of its own, and areas are paired only under one truth. */
function differenceOf(first: JudgedRun, second: JudgedRun): { n: number; difference: Estimate; p: number | null } {
  if (!first.isControl && !second.isControl) return compareNetworks(first.images, second.images);
  const ids = new Set(first.images.map(({ id }) => id));
  const n = second.images.filter(({ id }) => ids.has(id)).length;
  const reason: Said = { key: "model.reason.control" };
  return { n, difference: notEstimable({ reason, method: by("two_truths"), n }), p: null };
}

/** Its AUC ranks scores of models of different depths against each other, where they are different. */
function nestedResult({ images, cautions, isMixed }: NonNullable<RunsInput["nested"]>): RunResult {
  const result = judgeImages(images, cautions);
  return isMixed ? { ...result, auc: withCautions(result.auc, [pooled]) } : result;
}
