"use client";

import { useTranslations } from "next-intl";
import { Choice, TextArea } from "@/app/_components/field";
import type { ReadingCase } from "@/server/schemas/reading";

/**
 * That the case cannot be judged, and why: one of the protocol's reasons, or words where it lists none.
 * @param props.reason null: it can be judged; empty: no reason yet
 */
export function NotEvaluableField({
  reasons,
  reason,
  shortcut,
  onChange,
}: {
  reasons: NonNullable<ReadingCase["form"]["notEvaluable"]>["reasons"];
  reason: string | null;
  /** The key that does the same. */
  shortcut: string;
  onChange: (reason: string | null) => void;
}) {
  const t = useTranslations("reading.case");
  return (
    <div className="grid gap-2" data-testid="not-evaluable">
      <label className="flex min-h-11 items-center gap-3 rounded-md border border-line px-3 has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-accent">
        <kbd className="rounded-sm border border-line px-1.5 font-mono text-soft text-xs">{shortcut}</kbd>
        <input
          type="checkbox"
          className="sr-only"
          checked={reason !== null}
          onChange={(event) => onChange(event.target.checked ? "" : null)}
        />
        {t("notEvaluable")}
      </label>
      {reason === null ? null : reasons.length === 0 ? (
        <TextArea
          label={t("notEvaluableReason")}
          value={reason}
          onChange={(event) => onChange(event.target.value)}
          required
          maxLength={500}
        />
      ) : (
        <Choice
          legend={t("notEvaluableReason")}
          name="not-evaluable"
          options={reasons.map(({ key, label }) => ({ value: key, label }))}
          value={reason}
          onChange={onChange}
        />
      )}
    </div>
  );
}
