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
import { CaseImage } from "./case-image";

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
  const submit = useMutation(trpc.reading.submit.mutationOptions({ onSuccess: setCurrent, retry: 2 }));

  useEffect(() => {
    document.documentElement.style.background = "oklch(0.13 0 0)";
    return () => {
      document.documentElement.style.background = "";
    };
  }, []);

  return (
    <div data-theme="reading" className="fixed inset-0 z-30 overflow-y-auto bg-ground text-text">
      {current ? (
        <div className="grid min-h-full lg:grid-cols-[minmax(0,1fr)_24rem]">
          <CaseImage key={current.slotId} shown={current} />
          <CaseForm
            key={`form-${current.slotId}`}
            study={study}
            shown={current}
            synthetic={synthetic}
            busy={submit.isPending}
            failure={submit.error ? (problemOf(submit.error).message ?? unreachable) : null}
            onSubmit={(read) => {
              performance.mark("nodewise:submit");
              submit.mutate({ study, slotId: current.slotId, ...read });
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
