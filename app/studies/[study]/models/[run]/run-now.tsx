import { useTranslations } from "next-intl";
import { Card } from "@/app/_components/page-header";
import { Progress } from "@/app/_components/progress";
import { useFormat } from "@/app/_i18n/format";
import { useSay } from "@/app/_lib/use-say";
import type { Run } from "@/server/schemas/model";
import { useDuration } from "../duration";

/** What the worker does, as it writes it: "features", "fold 2 of 5, epoch 3 of 200", "final model". */
function phaseOf(phase: string) {
  const form = /^(?:fold (\d+) of (\d+)|final model)(?:, epoch (\d+) of (\d+))?$/;
  const [known, fold = "", folds = "", epoch = "0", epochs = ""] = form.exec(phase) ?? [];
  const kind = known === undefined ? phase : fold === "" ? "final" : "fold";
  return { kind, phase, fold, folds, epoch: Number(epoch), epochs };
}

/** How far a run is, how long it still takes and how fast it goes. */
export function RunNow({ run }: { run: Run }) {
  const t = useTranslations("models.run");
  const say = useSay();
  const duration = useDuration();
  const { whole } = useFormat();
  const { figures, config } = run;
  const phase = run.phase ? say(run.phase) : "starting";
  const countsImages = config.trainable === "network" || run.phase?.key === "worker.phase.features";
  const values = [
    {
      name: t("now.left"),
      value: figures?.secondsLeft ? t("leftValue", { time: duration(figures.secondsLeft) }) : null,
    },
    { name: t("now.elapsed"), value: figures ? duration(figures.seconds) : null },
    {
      name: t("now.speed"),
      value: figures?.imagesPerSecond ? t("speedValue", { value: figures.imagesPerSecond.toFixed(1) }) : null,
    },
    {
      name: t("now.memory"),
      value: figures ? t("memoryValue", { value: whole(figures.peakMemoryMb) }) : null,
    },
    {
      name: t("now.waited"),
      value:
        typeof figures?.waited === "number" ? t("waitedValue", { percent: (100 * figures.waited).toFixed(0) }) : null,
    },
  ];
  return (
    <Card className="mb-8">
      <Progress
        label={t("phase", phaseOf(phase))}
        done={run.done}
        total={run.total}
        unit={t(countsImages ? "unit.images" : "unit.folds")}
      />
      <dl className="mt-4 grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-3 lg:grid-cols-5">
        {values.map(({ name, value }) => (
          <div key={name}>
            <dt className="text-soft text-sm">{name}</dt>
            <dd className="numbers font-medium">{value ?? "–"}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
