import { hiddenRepeats } from "./hidden-repeats";
import { practisedConditions } from "./practised-conditions";
import type { Protocol } from "./protocol";

/** What a protocol plans of the reading, as a design is drawn from it (`core/reading/designs`). */
export const plannedReading = ({ reading, conditions, planes, accrual }: Protocol) => ({
  design: reading.design ?? ("sequential" as const),
  patients: accrual?.subjects ?? null,
  images: reading.case === "image" ? planes.length : 1,
  /** The practice that is asked for before it; null: none. */
  practice: reading.practice
    ? {
        passMark: reading.practice.passMark,
        conditions: practisedConditions({ reading, conditions }).map(({ label }) => label),
      }
    : null,
  conditions: conditions.map(({ key, label, shows, washOutDays }) => ({
    ...{ key, label, shows, washOutDays },
    /** Cases of a list that are read twice; null: none. */
    repeats: hiddenRepeats({ reading, conditions }, key),
  })),
});
