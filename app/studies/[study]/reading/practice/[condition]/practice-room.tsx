"use client";

import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useCallback, useEffect, useState } from "react";
import { isOfLine, problemOf, useTRPC } from "@/app/_lib/trpc";
import type { KeyChoices } from "@/server/schemas/account";
import type { PracticeAnswer, PracticeStanding, PracticeTurn } from "@/server/schemas/practice";
import type { DisplayCheckAsked } from "@/server/schemas/reading";
import { isOutdated, isSignedOut, patient } from "../../case/asking";
import { CaseView } from "../../case/case-view";
import { DisplayCheck } from "../../case/display-check";
import { NotThereYet } from "../../case/not-there-yet";
import { Room } from "../../case/room";
import { useDisplayCheck } from "../../case/use-display-check";
import { useOneTab } from "../../case/use-one-tab";
import { AnswerPanel } from "./answer-panel";
import { PracticeStandingView } from "./practice-standing";

/** How a reader stands with an answer that came after the case was opened. */
const withAnswer = ({ done, total, correct }: PracticeStanding, { truth, decided }: PracticeAnswer) => ({
  ...{ done: done + 1, total },
  correct: correct + (decided === truth ? 1 : 0),
});

/** Practice in one condition: as a case of the study is read, but what each case is stands beside it once it was answered. */
export function PracticeRoom({
  study,
  condition,
  person,
  synthetic,
  chosenKeys,
  displayCheck,
}: {
  study: string;
  condition: string;
  /** The reader's e-mail address. */
  person: string;
  synthetic: boolean;
  chosenKeys: KeyChoices;
  /** What is asked of the screen before a case is opened, as before those of the study; null: nothing. */
  displayCheck: DisplayCheckAsked | null;
}) {
  const t = useTranslations("reading.case");
  const unreachable = useTranslations("parts")("unreachable");
  const trpc = useTRPC();
  const { asked, askAgain } = useDisplayCheck(study, displayCheck);
  const tab = useOneTab(`nodewise-practice-${person}-${study}`);
  const [turn, setTurn] = useState<PracticeTurn>();
  const open = useMutation(
    trpc.practice.open.mutationOptions({
      onSuccess: (opened) => {
        setTurn(opened);
        // Only now: until the next case is there, the answer to this one stays.
        resetSubmit();
      },
      ...patient,
    }),
  );
  const { mutate: openCase } = open;
  const begin = useMutation(trpc.practice.begin.mutationOptions({ onSuccess: setTurn, ...patient }));
  const next = useCallback(
    (withLast: boolean) => openCase({ study, condition, reader: person, withLast }),
    [study, condition, person, openCase],
  );
  const submit = useMutation(
    trpc.practice.submit.mutationOptions({
      // Answered elsewhere: what the case is, is shown, and then what is in hand now.
      onError: (error) => isOutdated(error) && next(true),
      ...patient,
    }),
  );
  const { mutate: submitRead, reset: resetSubmit } = submit;
  const place = { study, condition, reader: person };
  useEffect(() => {
    if (tab.place === "here" && !asked) next(true);
  }, [tab.place, next, asked]);

  const last = turn?.last ?? null;
  const shown = last?.case ?? turn?.case;
  const answer = last?.answer ?? (submit.variables?.slotId === shown?.slotId ? submit.data : undefined);
  const pending = [submit, open, begin].find(({ isPending }) => isPending);
  const reason = pending?.failureReason ?? null;
  const waiting =
    pending && (pending.isPaused || (reason !== null && isOfLine(reason)))
      ? t(pending === submit ? "waitingHere" : "waitingLine")
      : reason && t("waitingFor", { message: problemOf(reason).message ?? unreachable });
  const failed = open.error ?? submit.error ?? begin.error;
  /** What is to be done again by whoever signs in again. */
  const again =
    [
      { of: submit.error, act: () => submit.variables && submitRead(submit.variables) },
      { of: open.error, act: () => open.variables && openCase(open.variables) },
      { of: begin.error, act: () => begin.mutate(place) },
    ].find(({ of }) => isSignedOut(of))?.act ?? null;
  const failure = failed && !again ? (problemOf(failed).message ?? unreachable) : null;

  return (
    <Room person={person} tab={tab} onSignedIn={again}>
      {asked ? (
        <DisplayCheck study={study} person={person} asked={asked} onPassed={askAgain} />
      ) : turn && shown ? (
        <CaseView
          {...{ study, person, shown, synthetic, chosenKeys, failure }}
          busy={again !== null || pending !== undefined}
          note={waiting}
          correcting={false}
          practice
          onCorrect={null}
          onLeave={() => {}}
          onSubmit={({ reason: _, ...read }) => submitRead({ ...place, slotId: shown.slotId, ...read })}
          answer={
            answer ? (
              <AnswerPanel
                shown={shown}
                answer={answer}
                counted={last ? turn.standing : withAnswer(turn.standing, answer)}
                again={last !== null}
                note={waiting ?? failure}
                busy={again !== null || pending !== undefined}
                onNext={last ? () => setTurn({ ...turn, last: null }) : () => next(false)}
              />
            ) : undefined
          }
        />
      ) : (
        <div className="mx-auto max-w-xl px-4 py-16 sm:py-32">
          {turn ? (
            <PracticeStandingView
              study={study}
              standing={turn.standing}
              busy={pending !== undefined}
              note={waiting ?? failure}
              onBegin={() => begin.mutate(place)}
            />
          ) : (
            <NotThereYet failure={failure} waiting={waiting} onOpenAgain={() => next(true)} />
          )}
        </div>
      )}
    </Room>
  );
}
