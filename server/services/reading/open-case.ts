import type { StudyActor } from "@/server/door";
import type { Turn } from "@/server/schemas/reading";
import { shownCase } from "./shown-case";

/** A case of the reader as the page gets it; null when there is none. The bytes are added by `withImages`. */
export async function openCase(actor: StudyActor, turn: Turn = "current") {
  const current = await shownCase(actor, turn);
  if (!current) return null;
  const { form, ruleSets, conditions } = current.protocol;
  return {
    slotId: current.slot_id,
    position: current.position,
    total: current.total,
    condition: {
      key: current.condition_key,
      label: conditions.find((condition) => condition.key === current.condition_key)?.label ?? current.condition_key,
      shows: current.shows,
    },
    crops: current.crops,
    rendering: current.rendering,
    shownSha256: current.shown_sha256,
    ...(current.short_axis_mm === null ? {} : { shortAxisMm: current.short_axis_mm }),
    form: {
      criteria: form.criteria,
      confidence: form.confidence !== undefined,
      rating: form.rating ?? null,
      notEvaluable: form.notEvaluable ?? null,
    },
    ruleSet: ruleSets.find((set) => set.key === form.ruleSet) ?? null,
  };
}
