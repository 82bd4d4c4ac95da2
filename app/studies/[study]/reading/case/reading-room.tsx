"use client";

import { useMutation } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { Button } from "@/app/_components/button";
import { EmptyState } from "@/app/_components/empty-state";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import type { ReadingCase } from "@/server/schemas/reading";
import { CaseForm } from "./case-form";
import { CaseImages } from "./case-image";
import { useCaseAhead } from "./use-case-ahead";

/** Whether the case on the page is no longer what would be shown: it is loaded anew, and what was ticked stays. */
const isOutdated = (error: unknown) => problemOf(error).code === "conflict";
const unlessOutdated = (failures: number, error: unknown) => failures < 2 && !isOutdated(error);

/** One case after the other. The next case comes with the answer to the submitted read: what is fetched of it before its turn is sealed, and its key comes then. */
export function ReadingRoom({
  study,
  person,
  synthetic,
}: {
  study: string;
  /** The reader's e-mail address. */
  person: string;
  synthetic: boolean;
}) {
  const t = useTranslations("reading.case");
  const unreachable = useTranslations("parts")("unreachable");
  const trpc = useTRPC();
  /** Undefined: not opened yet; null: there is none. */
  const [current, setCurrent] = useState<ReadingCase | null>();
  /** The case read last, while its read is being corrected. */
  const [previous, setPrevious] = useState<ReadingCase | null>(null);
  const open = useMutation(trpc.reading.open.mutationOptions({ onSuccess: setCurrent }));
  const { mutate: openCase } = open;
  useEffect(() => openCase({ study }), [openCase, study]);
  const ahead = useCaseAhead(study, current?.slotId);
  const submit = useMutation(
    trpc.reading.submit.mutationOptions({
      // What is not opened by its key has changed since it was brought.
      onSuccess: (next) => ahead.opened(next).then(setCurrent, () => openCase({ study })),
      onError: (error) => isOutdated(error) && openCase({ study }),
      retry: unlessOutdated,
    }),
  );
  const openPrevious = useMutation(trpc.reading.openPrevious.mutationOptions({ onSuccess: setPrevious }));
  const correct = useMutation(
    trpc.reading.correct.mutationOptions({
      onSuccess: (next) => {
        setCurrent(next);
        setPrevious(null);
      },
      onError: (error) => isOutdated(error) && openPrevious.mutate({ study }),
      retry: unlessOutdated,
    }),
  );
  const shown = previous ?? current;
  const failure = previous ? correct.error : (submit.error ?? openPrevious.error ?? correct.error);

  useEffect(() => {
    document.documentElement.style.background = "oklch(0.13 0 0)";
    return () => {
      document.documentElement.style.background = "";
    };
  }, []);

  return (
    <div data-theme="reading" className="fixed inset-0 z-30 overflow-y-auto bg-ground text-text">
      {shown ? (
        <div className="grid min-h-full lg:grid-cols-[minmax(0,1fr)_24rem]">
          <CaseImages key={shown.slotId} shown={shown} />
          <CaseForm
            key={`form-${shown.slotId}`}
            study={study}
            person={person}
            shown={shown}
            synthetic={synthetic}
            busy={open.isPending || submit.isPending || openPrevious.isPending || correct.isPending}
            failure={failure ? (problemOf(failure).message ?? unreachable) : null}
            correcting={previous !== null}
            onCorrect={shown.position > 1 ? () => openPrevious.mutate({ study }) : null}
            onLeave={() => {
              setPrevious(null);
              correct.reset();
            }}
            onSubmit={({ reason, ...read }) => {
              if (previous) correct.mutate({ study, slotId: previous.slotId, reason, ...read });
              else submit.mutate({ study, slotId: shown.slotId, ...read, ahead: ahead.nonce() });
            }}
          />
        </div>
      ) : (
        <div className="mx-auto max-w-xl px-4 py-32">
          {current === null ? (
            <EmptyState
              title={t("doneTitle")}
              action={
                <Button kind="primary" asChild>
                  <Link href={`/studies/${study}/reading`}>{t("toReading")}</Link>
                </Button>
              }
            >
              {t("doneHint")}
            </EmptyState>
          ) : open.error ? (
            <EmptyState
              title={t("notOpened")}
              action={
                <Button kind="primary" onClick={() => openCase({ study })}>
                  {t("openAgain")}
                </Button>
              }
            >
              {problemOf(open.error).message ?? unreachable}
            </EmptyState>
          ) : (
            <p role="status" className="text-center text-soft">
              {t("opening")}
            </p>
          )}
        </div>
      )}
    </div>
  );
}
