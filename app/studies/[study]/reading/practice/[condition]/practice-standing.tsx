"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { Button } from "@/app/_components/button";
import { EmptyState } from "@/app/_components/empty-state";
import type { PracticeStanding } from "@/server/schemas/practice";
import { percentOf, percentOfMark } from "../share";

/** Keys alone go on: what comes next has the focus. */
const focused = (element: HTMLElement | null) => element?.focus();

/** Between two rounds: what practice asks for, or how the last round ended, and what comes next. */
export function PracticeStandingView({
  study,
  standing,
  busy,
  note,
  onBegin,
}: {
  study: string;
  standing: PracticeStanding;
  busy: boolean;
  note: string | null;
  onBegin: () => void;
}) {
  const t = useTranslations("reading.practice");
  const { condition, cases, round, total, correct, passedRound } = standing;
  const mark = percentOfMark(standing.passMark);
  const isPassed = passedRound !== null;
  const ended = { correct, total, share: percentOf(correct, total), mark };
  const title = isPassed
    ? t("passed")
    : cases === 0
      ? t("noCases")
      : round === 0
        ? t("title", { condition: condition.label })
        : t("notPassed");
  return (
    <div data-testid="practice-standing">
      <EmptyState
        title={title}
        action={
          <div className="flex flex-wrap justify-center gap-2">
            {isPassed || cases === 0 ? (
              <Button kind="primary" asChild ref={focused}>
                <Link href={`/studies/${study}/reading`}>{t("toReading")}</Link>
              </Button>
            ) : (
              <>
                <Button kind="primary" disabled={busy} onClick={onBegin} ref={focused}>
                  {t(round === 0 ? "begin" : "repeat")}
                </Button>
                <Button kind="quiet" asChild>
                  <Link href={`/studies/${study}/reading`}>{t("toReading")}</Link>
                </Button>
              </>
            )}
          </div>
        }
      >
        {isPassed ? (
          <p>{t("passedHint", { ...ended, round: passedRound, condition: condition.label })}</p>
        ) : cases === 0 ? (
          <p>{t("noCasesHint", { mark })}</p>
        ) : round === 0 ? (
          <p>{t("hint", { cases, mark })}</p>
        ) : (
          <p>{t("notPassedHint", ended)}</p>
        )}
        {note ? (
          <p role="status" className="mt-2 text-warning">
            {note}
          </p>
        ) : null}
      </EmptyState>
    </div>
  );
}
