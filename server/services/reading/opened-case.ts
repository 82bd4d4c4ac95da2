import type { underItsProtocol } from "./under-its-protocol";

/** A case as the page gets it, with the form of the protocol that it is read under. */
export function openedCase(current: NonNullable<Awaited<ReturnType<typeof underItsProtocol>>>) {
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
