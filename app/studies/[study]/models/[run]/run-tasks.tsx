"use client";

import { useTranslations } from "next-intl";
import { Button } from "@/app/_components/button";
import { Section } from "@/app/_components/page-header";
import { ProblemList } from "@/app/_components/problem-list";
import { Progress } from "@/app/_components/progress";
import { Hash } from "@/app/_components/values";
import { problemOf } from "@/app/_lib/trpc";
import { useSay } from "@/app/_lib/use-say";
import { inKeras } from "@/core/network/in-keras";
import { exportFormat, type Run, type TaskInput } from "@/server/schemas/model";
import { isUnderWay, type ListedTask, useTasks } from "./use-tasks";

/** The model as a file for other programs, and its scores for crops that the run has not scored. */
export function RunTasks({ study, run, mayTrain }: { study: string; run: Run; mayTrain: boolean }) {
  const t = useTranslations("models.tasks");
  const { tasks, error, request, isRequesting } = useTasks(study, run.id);
  const runId = run.id;
  const rows: { name: string; why: string; action: string; label: string; input: TaskInput }[] = [
    ...exportFormat.options.map((variant) => ({
      name: t(`format.${variant}`),
      why: t(`formatWhy.${variant}`),
      action: t("make"),
      label: t("makeLabel", { name: t(`format.${variant}`) }),
      input: { kind: "export" as const, runId, variant },
    })),
    {
      name: t("score"),
      why: t("scoreWhy"),
      action: t("scoreAction"),
      label: t("score"),
      input: { kind: "score" as const, runId },
    },
  ];
  const newestOf = (input: TaskInput) =>
    tasks.find((task) => task.kind === input.kind && ("variant" in input ? task.variant === input.variant : true));
  return (
    <Section title={t("title")}>
      <p className="mb-2 max-w-prose text-soft text-sm">{t("note")}</p>
      {error ? (
        <div className="mb-3">
          <ProblemList {...problemOf(error)} />
        </div>
      ) : null}
      <ul className="divide-y divide-line rounded-md border border-line bg-surface">
        {rows.map(({ name, why, action, label, input }) => {
          const task = newestOf(input);
          const isThere = task?.state === "done" && !task.fileIsMissing;
          return (
            <li
              key={name}
              className="grid grid-cols-[1fr_auto] items-center gap-4 px-4 py-3 max-sm:grid-cols-1 max-sm:gap-2"
            >
              <div className="min-w-0">
                <p className="font-medium">{name}</p>
                <p className="text-soft text-sm">{why}</p>
                <TaskState name={name} task={task} />
                {task?.variant === "keras-h5" && task.resultName && "inputSize" in run.config ? (
                  <InPython file={task.resultName} size={run.config.inputSize} />
                ) : null}
              </div>
              <div className="no-print flex gap-2 sm:justify-end">
                {isThere && task.resultSha256 ? (
                  <Button asChild>
                    <a
                      href={`/api/studies/${study}/tasks/${task.id}`}
                      download
                      aria-label={t("downloadLabel", { name: task.resultName ?? name })}
                    >
                      {t("download")}
                    </a>
                  </Button>
                ) : null}
                {mayTrain && !isUnderWay(task) && (!isThere || input.kind === "score") ? (
                  <Button disabled={isRequesting} aria-label={label} onClick={() => request(input)}>
                    {task && task.state !== "done" ? t("again") : action}
                  </Button>
                ) : null}
              </div>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

/** How the file is opened: Keras loads nothing into a model of another shape, and says so in many ways. */
function InPython({ file, size }: { file: string; size: number }) {
  const t = useTranslations("models.tasks");
  return (
    <figure className="mt-2">
      <figcaption className="text-soft text-sm">{t("inPython")}</figcaption>
      <pre className="mt-1 overflow-x-auto rounded-md bg-raised p-3 font-mono text-xs">
        <code>{inKeras({ file, size }).join("\n")}</code>
      </pre>
    </figure>
  );
}

function TaskState({ name, task }: { name: string; task: ListedTask | undefined }) {
  const t = useTranslations("models.tasks");
  const say = useSay();
  if (!task) return null;
  if (task.state === "queued") return <p className="mt-1 text-sm">{t("queued")}</p>;
  if (task.state === "running")
    return (
      <div className="mt-2 max-w-md">
        <Progress
          label={t("progress", { name })}
          done={task.done}
          total={task.total}
          unit={t(task.kind === "score" ? "crops" : "steps")}
        />
      </div>
    );
  if (task.error)
    return (
      <p role="alert" className="mt-1 text-danger text-sm">
        {say({ key: "worker.log.failed", values: { reason: task.error } })}
      </p>
    );
  if (task.state !== "done") return null;
  if (task.fileIsMissing) return <p className="mt-1 text-danger text-sm">{t("missing")}</p>;
  const { bytes, checked, difference, sizeBlind, engine, restarts } = task.detail ?? {};
  const facts = [
    task.kind === "score" ? t("scored", { count: task.total }) : t("done"),
    typeof bytes === "number" && t("megabytes", { size: (bytes / 1e6).toFixed(1) }),
    typeof checked === "string" && t("checked", { checked }),
    typeof difference === "number" && t("difference", { value: difference.toExponential(1) }),
    sizeBlind === true && t("sizeBlind"),
    typeof engine === "string" && t("engine", { engine }),
    typeof restarts === "number" && t("restarts", { count: restarts }),
  ];
  return (
    <p className="mt-1 text-sm">
      {facts.filter(Boolean).join(" · ")} {task.resultSha256 ? <Hash value={task.resultSha256} /> : null}
    </p>
  );
}
