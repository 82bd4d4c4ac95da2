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

/** Whether the case on the page is no longer what would be shown: it is loaded anew, and what was ticked stays. */
const isOutdated = (error: unknown) => problemOf(error).code === "conflict";
const unlessOutdated = (failures: number, error: unknown) => failures < 2 && !isOutdated(error);

/** One case after the other. The next case comes with the answer to the submitted read; none is fetched before its turn. */
export function ReadingRoom({
  study,
  first,
  synthetic,
}: {
  study: string;
  first: ReadingCase | null;
  synthetic: boolean;
}) {
  const t = useTranslations("reading.case");
  const unreachable = useTranslations("parts")("unreachable");
  const trpc = useTRPC();
  const [current, setCurrent] = useState(first);
  /** The case read last, while its read is being corrected. */
  const [previous, setPrevious] = useState<ReadingCase | null>(null);
  const open = useMutation(trpc.reading.open.mutationOptions({ onSuccess: setCurrent }));
  const submit = useMutation(
    trpc.reading.submit.mutationOptions({
      onSuccess: setCurrent,
      onError: (error) => isOutdated(error) && open.mutate({ study }),
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
              performance.mark("nodewise:submit");
              if (previous) correct.mutate({ study, slotId: previous.slotId, reason, ...read });
              else submit.mutate({ study, slotId: shown.slotId, ...read });
            }}
          />
        </div>
      ) : (
        <div className="mx-auto max-w-xl px-4 py-32">
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
        </div>
      )}
    </div>
  );
}
