"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { toast } from "sonner";
import { Button } from "@/app/_components/button";
import { ConfirmDialog } from "@/app/_components/confirm-dialog";
import { Notice } from "@/app/_components/notice";
import { ProblemList } from "@/app/_components/problem-list";
import { useFormat } from "@/app/_i18n/format";
import { problemOf, useTRPC } from "@/app/_lib/trpc";

interface Props {
  study: string;
  progress: {
    readers: readonly { readerCode: string; name: string }[];
    unit: "image" | "node";
    lacking: readonly { readerCode: string; cases: number }[];
    lackingCrops: number;
    repeats: { cases: number; apart: number } | null;
  };
}

/** How many cases each reader lacks, or is drawn no more, with the reader's name. */
export const shares = (
  { readers }: Pick<Props["progress"], "readers">,
  lacking: readonly { readerCode: string; cases: number }[],
) =>
  lacking.map(({ readerCode, cases }) => ({
    reader: readerCode,
    name: readers.find((reader) => reader.readerCode === readerCode)?.name ?? "",
    cases,
  }));

export function DrawSchedule({ study, progress }: Props) {
  const t = useTranslations("reading.progress");
  const { list } = useFormat();
  const router = useRouter();
  const trpc = useTRPC();
  const [asking, setAsking] = useState(false);
  const draw = useMutation(
    trpc.reading.draw.mutationOptions({
      onSuccess: ({ cases, readers, tooLate }) => {
        setAsking(false);
        toast.success(t("drawn", { cases, readers }));
        if (tooLate.length > 0)
          toast.warning(t("tooLate", { readers: list(shares(progress, tooLate).map((share) => t("share", share))) }));
        router.refresh();
      },
    }),
  );
  const { readers, unit, lacking, lackingCrops, repeats } = progress;
  const hindrance = readers.length === 0 ? t("noReaders") : lacking.length === 0 ? t("noCrops") : null;
  return (
    <div className="grid gap-1 sm:justify-items-end">
      <Button kind="primary" disabled={hindrance !== null} onClick={() => setAsking(true)}>
        {t("draw")}
      </Button>
      {hindrance ? <p className="text-soft text-sm">{hindrance}</p> : null}
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("confirm")}
        action={
          <Button kind="primary" disabled={draw.isPending} onClick={() => draw.mutate({ study })}>
            {draw.isPending ? t("drawing") : t("draw")}
          </Button>
        }
      >
        <p>{t("what", { unit, readers: list(shares(progress, lacking).map((share) => t("share", share))) })}</p>
        {repeats ? <p>{t("repeats", repeats)}</p> : null}
        {lackingCrops > 0 ? <Notice tone="warning">{t("lacking", { unit, count: lackingCrops })}</Notice> : null}
        {draw.error ? <ProblemList {...problemOf(draw.error)} /> : null}
      </ConfirmDialog>
    </div>
  );
}
