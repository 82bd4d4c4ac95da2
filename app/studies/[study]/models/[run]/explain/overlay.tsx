import { useTranslations } from "next-intl";
import type { z } from "zod";
import { Button } from "@/app/_components/button";
import { Progress } from "@/app/_components/progress";
import { useSay } from "@/app/_lib/use-say";
import type { explainMethod, RunTask, ScoredCrop } from "@/server/schemas/model";
import { isUnderWay } from "../use-tasks";

/** One overlay: the picture, how far it is, or the button that asks for it. */
export function Overlay({
  study,
  crop,
  variant,
  task,
  onMake,
  isRequesting,
}: {
  study: string;
  crop: ScoredCrop;
  variant: z.infer<typeof explainMethod>;
  task: RunTask | undefined;
  /** Null: this person may not ask for it. */
  onMake: (() => void) | null;
  isRequesting: boolean;
}) {
  const t = useTranslations("models.explain");
  const say = useSay();
  const method = t(`method.${variant}`);
  const { subject, node, plane } = crop;
  const shown = task?.state === "done" && task.resultSha256;
  const number = (key: string) => {
    const value = task?.detail?.[key];
    return typeof value === "number" ? value.toFixed(3) : null;
  };
  const [logit, score] = [number("logit"), number("score")];
  return (
    <div>
      <div className="flex aspect-square items-center justify-center rounded-md bg-image p-2 text-center">
        {shown ? (
          <img
            src={`/api/studies/${study}/tasks/${task.id}`}
            alt={t("alt", { method, subject, node, plane })}
            className="h-full w-full object-contain"
          />
        ) : (
          <div data-theme="reading" className="grid w-full justify-items-center gap-2 bg-image px-2 text-sm text-text">
            {task?.state === "queued" ? <p>{t("queued")}</p> : null}
            {task?.state === "running" ? (
              <div className="w-full max-w-56 text-left">
                <Progress label={t("progress", { method })} done={task.done} total={task.total} />
              </div>
            ) : null}
            {task?.error ? (
              <p role="alert">{say({ key: "worker.log.failed", values: { reason: task.error } })}</p>
            ) : null}
            {onMake && !isUnderWay(task) ? (
              <Button disabled={isRequesting} onClick={onMake} aria-label={t("makeLabel", { method })}>
                {task ? t("again") : t("make")}
              </Button>
            ) : null}
          </div>
        )}
      </div>
      <p className="mt-2 font-medium">{method}</p>
      <p className="text-soft text-sm">{t(`methodWhy.${variant}`)}</p>
      {logit && score ? <p className="numbers text-soft text-sm">{t("detail", { logit, score })}</p> : null}
    </div>
  );
}
