"use client";

import { useTranslations } from "next-intl";
import { LeakBadge, SyntheticBadge } from "@/app/_components/badge";
import { CropImage } from "@/app/_components/crop-image";
import { ProblemList } from "@/app/_components/problem-list";
import { problemOf } from "@/app/_lib/trpc";
import { explainMethod, type ScoredCrop } from "@/server/schemas/model";
import { useTasks } from "../use-tasks";
import { Overlay } from "./overlay";

/** A crop beside overlays of where its score comes from, each made when somebody asks for it. */
export function ExplainPanel({
  study,
  runId,
  crop,
  mayTrain,
  synthetic,
  leaks,
}: {
  study: string;
  runId: string;
  crop: ScoredCrop;
  mayTrain: boolean;
  synthetic: boolean;
  leaks: boolean;
}) {
  const t = useTranslations("models.explain");
  const { tasks, error, request, isRequesting } = useTasks(study, runId);
  const { subject, node, plane, cropId } = crop;
  const line = {
    score: crop.score.toFixed(3),
    truth: crop.truth === null ? t("unknown") : crop.truth === 1 ? t("positive") : t("negative"),
  };
  const asked = tasks.filter((task) => task.kind === "explain" && task.cropId === cropId);
  return (
    <figure className="rounded-md border border-line bg-surface p-4" aria-label={t("choose", { subject, node, plane })}>
      <h2 className="mb-1 flex flex-wrap items-center gap-2">
        {t("choose", { subject, node, plane })} {synthetic ? <SyntheticBadge /> : null} {leaks ? <LeakBadge /> : null}
      </h2>
      <p className="numbers mb-4 text-soft text-sm">
        {crop.fold < 0 ? t("scoreLineFinal", line) : t("scoreLine", { ...line, fold: crop.fold + 1 })}
      </p>
      {error ? (
        <div className="mb-4">
          <ProblemList {...problemOf(error)} />
        </div>
      ) : null}
      <div className="grid grid-cols-2 gap-4">
        <div>
          <div className="flex aspect-square items-center justify-center rounded-md bg-image p-2">
            <CropImage
              study={study}
              crop={{ sha256: crop.sha256 }}
              alt={t("cropAlt", { subject, node, plane })}
              className="h-full w-full object-contain"
            />
          </div>
          <p className="mt-2 font-medium">{t("crop")}</p>
        </div>
        {explainMethod.options.map((variant) => (
          <Overlay
            key={variant}
            study={study}
            crop={crop}
            variant={variant}
            task={asked.find((task) => task.variant === variant)}
            onMake={mayTrain ? () => request({ kind: "explain", runId, cropId, variant }) : null}
            isRequesting={isRequesting}
          />
        ))}
      </div>
      <figcaption className="mt-4 max-w-prose text-sm">{t("caption")}</figcaption>
    </figure>
  );
}
