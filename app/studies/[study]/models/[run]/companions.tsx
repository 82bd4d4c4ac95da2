"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { LeakBadge } from "@/app/_components/badge";
import { Section } from "@/app/_components/page-header";
import { ProblemList } from "@/app/_components/problem-list";
import { Stat } from "@/app/_components/stat";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import { splitLeaks } from "@/core/protocol/regimen";
import { type CompanionKind, companionKind, type Run, type RunComparison } from "@/server/schemas/model";
import { useDuration } from "../duration";
import { Judging } from "../judging";
import { type CompanionDifference, CompanionRow } from "./companion-row";

const pollEvery = 3_000;

/** Which companion a run is; of a run and its size-blind control only the latter differs in that. */
function kindOf({ config }: Run, parent: Run): CompanionKind | null {
  if (config.trainable === "baseline") return config.baseline;
  if (config.trainable === "elsewhere" || parent.config.trainable === "elsewhere") return null;
  if (config.shuffledLabels && !parent.config.shuffledLabels) return "shuffled-labels";
  return "sizeBlind" in config && config.sizeBlind ? "size-blind" : null;
}

/** The run less another one, whichever of the two stands first in the comparison, or the reason why they are not paired. */
function differenceOf(
  run: string,
  other: string,
  differences: RunComparison["differences"],
): CompanionDifference | null {
  const pair = differences.find(({ first, second }) => [first, second].every((id) => id === run || id === other));
  if (!pair) return null;
  const { first, difference, n, p } = pair;
  if (difference.estimate === null) return { reason: difference.reason };
  const { estimate, lower, upper } = difference;
  if (first === run) return { estimate, lower, upper, n, p };
  return { estimate: -estimate, lower: upper === null ? null : -upper, upper: lower === null ? null : -lower, n, p };
}

const cannot = (kind: CompanionKind, { config }: Run): boolean =>
  (kind === "size-blind" && "sizeBlind" in config && config.sizeBlind) ||
  (kind === "shuffled-labels" && config.shuffledLabels);

/** Controls and baselines of a run, each started by one click, with their AUC and how far the run is above them. */
export function Companions({ study, run, mayTrain }: { study: string; run: Run; mayTrain: boolean }) {
  const t = useTranslations("models.companions");
  const ofTime = useTranslations("models.expected");
  const duration = useDuration();
  const trpc = useTRPC();
  const list = useQuery(
    trpc.model.list.queryOptions(
      { study },
      {
        select: (runs) => runs.filter((each) => each.companionOf === run.id),
        refetchInterval: ({ state }) =>
          state.data?.some((each) => each.companionOf === run.id && !each.endedAt) ? pollEvery : false,
      },
    ),
  );
  const beside = list.data ?? [];
  const newest = companionKind.options.map((kind) => ({
    kind,
    found: beside.find((each) => kindOf(each, run) === kind),
  }));
  const done = newest.flatMap(({ found }) => (found?.state === "done" ? [found.id] : []));
  const alone = useQuery(trpc.model.result.queryOptions({ study, runId: run.id }, { staleTime: Infinity }));
  const compared = useQuery(
    trpc.model.compare.queryOptions(
      { study, runIds: [run.id, ...done] },
      { staleTime: Infinity, enabled: done.length > 0 },
    ),
  );
  const start = useMutation(trpc.model.companion.mutationOptions({ onSuccess: () => list.refetch() }));
  const resultOf = (id: string) => compared.data?.rows.find((row) => row.run.id === id)?.result ?? null;
  const error = list.error ?? alone.error ?? compared.error ?? start.error;
  const own = alone.data?.result;
  /** A control learns as the run did; sizes are fitted in a moment. */
  const expectedOf = (kind: CompanionKind): string => {
    if (kind !== "shuffled-labels" && kind !== "size-blind") return ofTime("sizes");
    return run.figures ? ofTime("likeRun", { time: duration(run.figures.seconds) }) : ofTime("unknown");
  };

  return (
    <Section title={t("title")} aside={splitLeaks(run.config) ? <LeakBadge /> : null}>
      <p className="mb-2 max-w-prose text-soft text-sm">{t("note")}</p>
      {error ? (
        <div className="mb-3">
          <ProblemList {...problemOf(error)} />
        </div>
      ) : null}
      {compared.data?.pending ? (
        <Judging study={study} pending={compared.data.pending} onDone={compared.refetch} />
      ) : null}
      <ul className="divide-y divide-line rounded-md border border-line bg-surface">
        <li className="grid grid-cols-[1fr_auto] items-center gap-4 px-4 py-3">
          <span>
            <span className="font-medium">{t("this")}</span>
            <span className="block text-soft text-sm">{t("result")}</span>
          </span>
          <span className="text-right">{own ? <Stat value={own.auc} as="number" /> : "–"}</span>
        </li>
        {newest
          .filter(({ kind }) => !cannot(kind, run))
          .map(({ kind, found }) => (
            <CompanionRow
              key={kind}
              kind={kind}
              run={found}
              auc={found ? (resultOf(found.id)?.auc ?? null) : null}
              difference={found ? differenceOf(run.id, found.id, compared.data?.differences ?? []) : null}
              link={(label) =>
                found ? (
                  <Link
                    href={`/studies/${study}/models/${found.id}`}
                    className="text-accent underline underline-offset-2"
                  >
                    {label}
                  </Link>
                ) : (
                  label
                )
              }
              expected={expectedOf(kind)}
              onStart={mayTrain ? () => start.mutate({ study, runId: run.id, kind }) : null}
              starting={start.isPending && start.variables.kind === kind}
            />
          ))}
      </ul>
    </Section>
  );
}
