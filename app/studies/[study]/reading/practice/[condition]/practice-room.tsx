"use client";

import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useCallback, useEffect, useState } from "react";
import { Button } from "@/app/_components/button";
import { EmptyState } from "@/app/_components/empty-state";
import { isOfLine, problemOf, useTRPC } from "@/app/_lib/trpc";
import type { KeyChoices } from "@/server/schemas/account";
import type { PracticeTurn } from "@/server/schemas/practice";
import { isOutdated, isSignedOut, patient } from "../../case/asking";
import { CaseView } from "../../case/case-view";
import { Room } from "../../case/room";
import { useOneTab } from "../../case/use-one-tab";
import { AnswerPanel } from "./answer-panel";
import { PracticeStandingView } from "./practice-standing";

/** Practice in one condition: as a case of the study is read, but what each case is stands beside it once it was answered. */
export function PracticeRoom({
  study,
  condition,
  person,
  synthetic,
  chosenKeys,
}: {
  study: string;
  condition: string;
  /** The reader's e-mail address. */
  person: string;
  synthetic: boolean;
  chosenKeys: KeyChoices;
}) {
  const t = useTranslations("reading.case");
  const unreachable = useTranslations("parts")("unreachable");
  const trpc = useTRPC();
  const tab = useOneTab(`nodewise-practice-${person}-${study}`);
  const [turn, setTurn] = useState<PracticeTurn>();
  const open = useMutation(trpc.practice.open.mutationOptions({ onSuccess: setTurn, ...patient }));
  const { mutate: openCase } = open;
  const begin = useMutation(trpc.practice.begin.mutationOptions({ onSuccess: setTurn, ...patient }));
  const next = useCallback(() => openCase({ study, condition, reader: person }), [study, condition, person, openCase]);
  const submit = useMutation(
    trpc.practice.submit.mutationOptions({
      // Answered in another tab: what is in hand now is shown.
      onError: (error) => isOutdated(error) && next(),
      ...patient,
    }),
  );
  const place = { study, condition, reader: person };
  useEffect(() => {
    if (tab.place === "here") next();
  }, [tab.place, next]);

  const shown = turn?.case;
  const answered = submit.data && submit.variables?.slotId === shown?.slotId ? submit : null;
  const pending = [submit, open, begin].find(({ isPending }) => isPending);
  const reason = pending?.failureReason ?? null;
  const waiting =
    pending && (pending.isPaused || (reason !== null && isOfLine(reason)))
      ? t(pending === submit ? "waitingHere" : "waitingLine")
      : reason && t("waitingFor", { message: problemOf(reason).message ?? unreachable });
  const failed = [submit.error, open.error, begin.error].find((error) => error !== null) ?? null;
  const again = isSignedOut(failed)
    ? failed === submit.error
      ? () => submit.variables && submit.mutate(submit.variables)
      : next
    : null;
  const failure = failed && !again ? (problemOf(failed).message ?? unreachable) : null;

  return (
    <Room person={person} tab={tab} onSignedIn={again}>
      {turn && shown ? (
        <CaseView
          key={shown.slotId}
          {...{ study, person, shown, synthetic, chosenKeys, failure }}
          busy={again !== null || pending !== undefined}
          note={waiting}
          correcting={false}
          practice
          onCorrect={null}
          onLeave={() => {}}
          onSubmit={({ reason: _, ...read }) => submit.mutate({ ...place, slotId: shown.slotId, ...read })}
          answer={
            answered?.data ? (
              <AnswerPanel
                shown={shown}
                read={answered.variables}
                answer={answered.data}
                standing={turn.standing}
                note={waiting ?? failure}
                busy={again !== null || pending !== undefined}
                onNext={next}
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
          ) : failure ? (
            <EmptyState
              title={t("notOpened")}
              action={
                <Button kind="primary" onClick={next}>
                  {t("openAgain")}
                </Button>
              }
            >
              {failure}
            </EmptyState>
          ) : (
            <p role="status" className="text-center text-soft">
              {waiting ?? t("opening")}
            </p>
          )}
        </div>
      )}
    </Room>
  );
}
