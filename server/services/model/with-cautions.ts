import { type Estimate, together } from "@/core/stats/types";
import type { Said } from "@/core/words";

/** An estimate with cautions beside its own. */
export function withCautions(estimate: Estimate, cautions: readonly Said[]): Estimate {
  if (estimate.estimate === null) return estimate;
  const caution = together([...cautions, estimate.caution]);
  return caution ? { ...estimate, caution } : estimate;
}
