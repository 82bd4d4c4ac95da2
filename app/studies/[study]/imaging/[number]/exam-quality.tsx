"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_components/button";
import { Choice } from "@/app/_components/field";
import { Notice } from "@/app/_components/notice";
import { ProblemList } from "@/app/_components/problem-list";
import { QualityVerdict } from "@/app/_components/quality-verdict";
import { useFormat } from "@/app/_i18n/format";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import { type ExamView, qualityVerdicts } from "@/server/schemas/series";

/** Whether the images of an exam can be judged: what was said last, and where the locating radiologist says it. */
export function ExamQuality({
  study,
  exam: { id: examId, quality, qualityReasons },
  kept,
  mayEdit,
}: {
  study: string;
  exam: ExamView;
  /** The nodes of the subject that are in the study. */
  kept: readonly string[];
  mayEdit: boolean;
}) {
  const t = useTranslations("imaging.quality");
  const { list } = useFormat();
  return (
    <section className="mb-4 grid gap-2" aria-label={t("title")}>
      <p className="flex flex-wrap items-baseline gap-x-3">
        <span className="font-medium">{t("title")}</span>
        {quality ? <QualityVerdict quality={quality} /> : <span className="text-soft">{t("none")}</span>}
      </p>
      {quality?.verdict === "unusable" && kept.length > 0 ? (
        <Notice tone="warning">{t("stillKept", { nodes: list(kept), count: kept.length })}</Notice>
      ) : null}
      {mayEdit ? (
        <details>
          <summary className="cursor-pointer text-sm">{quality ? t("again") : t("judge")}</summary>
          <QualityForm key={String(quality?.at)} {...{ study, examId, qualityReasons }} />
        </details>
      ) : null}
    </section>
  );
}

function QualityForm({
  study,
  examId,
  qualityReasons,
}: Pick<ExamView, "qualityReasons"> & { study: string; examId: string }) {
  const t = useTranslations("imaging.quality");
  const router = useRouter();
  const trpc = useTRPC();
  const [verdict, setVerdict] = useState<(typeof qualityVerdicts)[number] | null>(null);
  const [reasons, setReasons] = useState<readonly string[]>([]);
  const judge = useMutation(trpc.series.judgeQuality.mutationOptions({ onSuccess: () => router.refresh() }));
  const asksWhy = verdict === "limited" || verdict === "unusable";
  return (
    <form
      method="post"
      className="mt-2 grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (verdict) judge.mutate({ study, examId, verdict, reasons: asksWhy ? [...reasons] : [] });
      }}
    >
      <Choice
        legend={t("question")}
        name={`verdict ${examId}`}
        options={qualityVerdicts.map((value) => ({ value, label: t(`verdict.${value}`) }))}
        value={verdict}
        onChange={setVerdict}
      />
      {asksWhy ? (
        <fieldset className="grid gap-1">
          <legend className="mb-1 font-medium">{t("why")}</legend>
          {qualityReasons.map(({ key, label }) => (
            <label key={key} className="flex min-h-9 items-center gap-2 max-sm:min-h-11">
              <input
                type="checkbox"
                checked={reasons.includes(key)}
                onChange={({ target }) =>
                  setReasons(target.checked ? [...reasons, key] : reasons.filter((each) => each !== key))
                }
              />
              {label}
            </label>
          ))}
        </fieldset>
      ) : null}
      {judge.error ? <ProblemList {...problemOf(judge.error)} /> : null}
      <Button
        type="submit"
        className="w-fit"
        disabled={verdict === null || (asksWhy && reasons.length === 0) || judge.isPending}
      >
        {judge.isPending ? t("saving") : t("save")}
      </Button>
    </form>
  );
}
