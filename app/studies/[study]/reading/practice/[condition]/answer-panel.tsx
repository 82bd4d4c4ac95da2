"use client";

import { useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import { Badge } from "@/app/_components/badge";
import { Button } from "@/app/_components/button";
import { useKeyDown } from "@/app/_keys/use-key-down";
import { proposeCall } from "@/core/reading/rule-set";
import type { PracticeAnswer, PracticeStanding } from "@/server/schemas/practice";
import type { ReadingCase } from "@/server/schemas/reading";

/** What a practice case is, beside its images, once it was answered; Enter goes on. */
export function AnswerPanel({
  shown,
  answer,
  counted,
  again,
  note,
  busy,
  onNext,
}: {
  shown: ReadingCase;
  answer: PracticeAnswer;
  /** This answer included. */
  counted: Pick<PracticeStanding, "done" | "total" | "correct">;
  /** Whether it was answered before the page was opened. */
  again: boolean;
  note: string | null;
  busy: boolean;
  onNext: () => void;
}) {
  const t = useTranslations("reading.practice");
  const words = useTranslations("reading.case");
  const top = useRef<HTMLDivElement>(null);
  const { criteria, truth, decided, explanation } = answer;
  const right = decided === truth;
  const present = Object.values(criteria).filter(Boolean).length;
  const rule =
    shown.ruleSet && decided !== null
      ? proposeCall({ ruleSet: shown.ruleSet, present, shortAxisMm: shown.shortAxisMm ?? null })
      : null;
  const isLast = counted.done >= counted.total;

  useEffect(() => top.current?.focus({ preventScroll: true }), []);
  useKeyDown((event) => {
    const presses = event.target instanceof HTMLElement && event.target.closest("a, button, summary, dialog") !== null;
    // The press that submitted may last.
    if (event.key !== "Enter" || event.repeat || presses || busy) return;
    event.preventDefault();
    onNext();
  });

  return (
    <div
      ref={top}
      tabIndex={-1}
      className="grid content-start gap-5 border-line bg-surface p-4 outline-none lg:border-l lg:p-6"
    >
      <p className="font-medium">{words("ofPractice", { position: shown.position, total: shown.total })}</p>
      {again ? <p>{t("lastCase")}</p> : null}
      <div role="status" className="grid gap-3" data-testid="practice-answer">
        <p className="flex flex-wrap items-center gap-3 text-lg">
          <Badge tone={right ? "success" : "danger"} shape={right ? "✓" : "✗"}>
            {t(right ? "right" : "wrong")}
          </Badge>
          <strong>{t("truth", { truth: words(truth) })}</strong>
        </p>
        <p>{decided === null ? t("notEvaluable") : t("decided", { call: words(decided) })}</p>
        {rule ? (
          <p>
            {t("rule", {
              ...{ title: shown.ruleSet?.title ?? "", present, count: shown.form.criteria.length, needed: rule.needed },
              ...{ call: words(rule.call), agrees: rule.call === truth ? "yes" : "no" },
            })}
          </p>
        ) : null}
        {explanation ? <p className="whitespace-pre-line border-line border-l-4 pl-3">{explanation}</p> : null}
      </div>
      <p className="numbers text-soft text-sm">{t("soFar", { ...counted })}</p>
      <div className="grid gap-2">
        <Button kind="primary" className="min-h-11 w-full" disabled={busy} onClick={onNext}>
          {t(isLast ? "result" : "next")}
        </Button>
        {note ? (
          <p role="status" className="text-sm text-warning">
            {note}
          </p>
        ) : null}
      </div>
    </div>
  );
}
