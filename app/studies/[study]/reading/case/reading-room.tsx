"use client";

import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useCallback, useEffect, useState } from "react";
import { isOfLine, problemOf, useTRPC } from "@/app/_lib/trpc";
import type { KeyChoices } from "@/server/schemas/account";
import type { DisplayCheckAsked, ReadingCase } from "@/server/schemas/reading";
import { isOutdated, isRefused, isSignedOut, patient } from "./asking";
import { CaseView } from "./case-view";
import { DisplayCheck } from "./display-check";
import { ListEnd } from "./list-end";
import { NotThereYet } from "./not-there-yet";
import { Room } from "./room";
import { type UnsentRead, unsentRead } from "./unsent-read";
import { useCaseAhead } from "./use-case-ahead";
import { useDisplayCheck } from "./use-display-check";
import { useOneTab } from "./use-one-tab";

/** One case after the other. The next case comes with the answer to the submitted read: what is fetched of it before its turn is sealed, and its key comes then. */
export function ReadingRoom({
  study,
  person,
  name,
  synthetic,
  chosenKeys,
  displayCheck,
}: {
  study: string;
  /** The reader's e-mail address. */
  person: string;
  name: string;
  synthetic: boolean;
  /** With the page, so that no key does for a moment what its reader has given to another. */
  chosenKeys: KeyChoices;
  /** What is asked of the screen before a case is opened; null: nothing. */
  displayCheck: DisplayCheckAsked | null;
}) {
  const t = useTranslations("reading.case");
  const unreachable = useTranslations("parts")("unreachable");
  const trpc = useTRPC();
  const { asked, isAsking, askAgain } = useDisplayCheck(study, displayCheck);
  const tab = useOneTab(`nodewise-reading-${person}-${study}`);
  /** Undefined: not opened yet; null: there is none. */
  const [current, setCurrent] = useState<ReadingCase | null>();
  /** The case read last, while its read is being corrected. */
  const [previous, setPrevious] = useState<ReadingCase | null>(null);
  const ahead = useCaseAhead(study, tab.place === "here" ? current?.slotId : undefined);
  /** Whether the read that is being submitted is kept in this browser. */
  const [isKept, setIsKept] = useState(true);
  const open = useMutation(
    trpc.reading.open.mutationOptions({
      onSuccess: setCurrent,
      // The last check of the screen may be of another day by now.
      onError: (error) => isOutdated(error) && askAgain(),
      ...patient,
    }),
  );
  const { mutate: openCase, reset: resetOpen } = open;
  const openPrevious = useMutation(
    trpc.reading.openPrevious.mutationOptions({
      onSuccess: setPrevious,
      onError: (error) => isOutdated(error) && askAgain(),
      ...patient,
    }),
  );
  const submit = useMutation(
    trpc.reading.submit.mutationOptions({
      onSuccess: async (next, { idempotencyKey }) => {
        unsentRead.forget({ person, study }, idempotencyKey);
        openPrevious.reset();
        // The list is done, or the last check of the screen is of another day by now.
        if (next === null) askAgain();
        try {
          setCurrent(await ahead.opened(next));
        } catch {
          // It has changed since it was brought; what was read is no longer there to be read again.
          setCurrent(undefined);
          openCase({ study, reader: person });
        }
      },
      onError: (error, { idempotencyKey }) => {
        if (!isRefused(error)) return;
        unsentRead.forget({ person, study }, idempotencyKey);
        // Or was sent before any case was opened here: what was refused is read again.
        if (isOutdated(error) || !current) openCase({ study, reader: person });
      },
      ...patient,
    }),
  );
  const { mutate: submitRead, reset: resetSubmit } = submit;
  const send = (read: UnsentRead) => {
    setIsKept(unsentRead.keep({ person, study }, read));
    submitRead({ study, reader: person, ...read, ahead: ahead.nonce() });
  };
  const begin = useCallback(() => {
    resetOpen();
    resetSubmit();
    const kept = unsentRead.of({ person, study });
    if (kept) submitRead({ study, reader: person, ...kept });
    else if (!asked) openCase({ study, reader: person });
  }, [person, study, submitRead, resetSubmit, openCase, resetOpen, asked]);
  useEffect(() => {
    if (tab.place === "here") begin();
  }, [tab.place, begin]);
  const correct = useMutation(
    trpc.reading.correct.mutationOptions({
      onSuccess: (next) => {
        if (next === null) askAgain();
        setCurrent(next);
        setPrevious(null);
      },
      onError: (error) => isOutdated(error) && openPrevious.mutate({ study, reader: person }),
      ...patient,
    }),
  );
  const shown = previous ?? current;
  const failure = previous ? correct.error : (submit.error ?? openPrevious.error ?? correct.error);
  const pending = [submit, correct, open, openPrevious].find(({ isPending }) => isPending);
  const reason = pending?.failureReason ?? null;
  const isCutOff = pending !== undefined && (pending.isPaused || (reason !== null && isOfLine(reason)));
  const sends = pending === submit || pending === correct;
  const cutOff = !sends ? "waitingLine" : pending === submit && isKept ? "waiting" : "waitingHere";
  const waiting = isCutOff
    ? t(cutOff)
    : reason && t("waitingFor", { message: problemOf(reason).message ?? unreachable });
  const note = waiting ?? (openPrevious.isSuccess && openPrevious.data === null ? t("nothingToCorrect") : null);
  /** Why no case is there: none was opened, or a read that was kept is not taken yet. */
  const notOpened = pending ? null : (open.error ?? submit.error);
  /** What is to be done again by whoever signs in again. */
  const again =
    [
      { of: submit.error, act: begin },
      { of: correct.error, act: () => correct.variables && correct.mutate(correct.variables) },
      { of: openPrevious.error, act: () => openPrevious.mutate({ study, reader: person }) },
      { of: open.error, act: begin },
    ].find(({ of }) => isSignedOut(of))?.act ?? null;

  return (
    <Room person={person} tab={tab} onSignedIn={again}>
      {asked ? (
        <DisplayCheck study={study} person={person} asked={asked} onPassed={askAgain} />
      ) : shown ? (
        <CaseView
          study={study}
          person={person}
          shown={shown}
          synthetic={synthetic}
          chosenKeys={chosenKeys}
          busy={again !== null || pending !== undefined}
          failure={failure && !again ? (problemOf(failure).message ?? unreachable) : null}
          note={note}
          correcting={previous !== null}
          onCorrect={shown.position > 1 ? () => openPrevious.mutate({ study, reader: person }) : null}
          onLeave={() => {
            setPrevious(null);
            correct.reset();
          }}
          onSubmit={({ reason, ...read }) => {
            if (previous) correct.mutate({ study, reader: person, slotId: previous.slotId, reason, ...read });
            else send({ slotId: shown.slotId, ...read });
          }}
        />
      ) : (
        <div className="mx-auto max-w-xl px-4 py-32">
          {current === null && !isAsking && !open.isPending ? (
            <ListEnd study={study} me={{ email: person, name }} />
          ) : (
            <NotThereYet
              failure={notOpened && !again ? (problemOf(notOpened).message ?? unreachable) : null}
              waiting={waiting}
              onOpenAgain={begin}
            />
          )}
        </div>
      )}
    </Room>
  );
}
