import { sql } from "drizzle-orm";
import { proposeCall } from "@/core/reading/rule-set";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { SubmitRead } from "@/server/schemas/reading";
import { currentCase } from "./open-case";

/**
 * Submits the read of the current case; it is locked from then on. The proposal is computed here from the criteria, the rule set of the protocol, and
 * the size only where the condition shows it. The same idempotency key again changes nothing.
 * @returns whether this was the last case of its list
 * @throws AppError "invalid" for an incomplete read, "conflict" when the case is not the one being read
 */
export async function submitRead(tx: Tx, actor: StudyActor, options: SubmitRead): Promise<{ listDone: boolean }> {
  const current = await currentCase(tx, actor);
  let ruleSetKey: string | null = null;
  let proposed: "positive" | "negative" | null = null;
  let criteria = options.criteria;
  if (current?.slot_id === options.slotId) {
    const { form, ruleSets } = current.protocol;
    const unknown = Object.keys(criteria).filter((key) => !form.criteria.some((criterion) => criterion.key === key));
    if (unknown.length > 0)
      throw new AppError("invalid", { key: "errors.form_criterion_unknown", values: { criterion: unknown[0] ?? "" } });
    criteria = Object.fromEntries(form.criteria.map(({ key }) => [key, options.criteria[key] ?? false]));
    if (form.confidence && options.confidence === null)
      throw new AppError("invalid", { key: "errors.confidence_missing" });
    const ruleSet = ruleSets.find((set) => set.key === form.ruleSet);
    if (ruleSet) {
      const present = Object.values(criteria).filter(Boolean).length;
      proposed = proposeCall({ ruleSet, present, shortAxisMm: current.shows_size ? current.short_axis_mm : null }).call;
      ruleSetKey = ruleSet.key;
    }
    if (proposed && proposed !== options.call && !options.overrideReason) {
      throw new AppError("invalid", {
        key: "errors.override_without_reason",
        values: { proposed, call: options.call },
      });
    }
  }
  await tx.execute(
    sql`select nw.submit_read(${options.slotId}::uuid, ${options.idempotencyKey}::uuid, ${JSON.stringify(criteria)}::jsonb, ${ruleSetKey}::text, ${proposed}::call, ${options.call}::call, ${options.overrideReason ?? null}::text, ${options.confidence}::int, ${options.activeMs}::int)`,
  );
  return { listDone: current?.slot_id === options.slotId && current.position === current.total };
}
