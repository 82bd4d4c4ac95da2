"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { LeakBadge } from "@/app/_components/badge";
import { When } from "@/app/_components/values";
import { useFormat } from "@/app/_i18n/format";
import { splitLeaks } from "@/core/protocol/regimen";
import type { Run } from "@/server/schemas/model";

/** The sweeps among these runs, newest first. */
function sweepsOf(runs: readonly Run[]): { id: string; runs: Run[] }[] {
  const sweeps = new Map<string, Run[]>();
  for (const run of runs) if (run.sweepId) sweeps.set(run.sweepId, [...(sweeps.get(run.sweepId) ?? []), run]);
  return [...sweeps].map(([id, members]) => ({ id, runs: members }));
}

/** Each sweep as one link: its depths and how far it is. */
export function SweepList({ study, runs }: { study: string; runs: readonly Run[] }) {
  const t = useTranslations("models.sweepList");
  const { list } = useFormat();
  return (
    <ul className="grid max-w-3xl gap-2">
      {sweepsOf(runs).map((sweep) => {
        const [first] = sweep.runs;
        const depths = sweep.runs
          .flatMap(({ config }) => (config.trainable === "network" ? [config.frozen] : []))
          .sort((a, b) => a - b);
        const done = sweep.runs.filter(({ state }) => state === "done").length;
        const unit = first?.config.trainable === "network" ? first.config.frozenUnit : "blocks";
        return (
          <li key={sweep.id}>
            <Link
              href={`/studies/${study}/models/sweeps/${sweep.id}`}
              className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 rounded-md border border-line bg-surface px-4 py-3 hover:border-accent"
            >
              <span className="flex flex-wrap items-center gap-2">
                <span className="font-medium">{t("depths", { depths: list(depths.map(String)), unit })}</span>
                {first && splitLeaks(first.config) ? <LeakBadge /> : null}
              </span>
              <span className="text-soft text-sm">
                {t("done", { done, total: sweep.runs.length })} · {first ? <When at={first.createdAt} /> : null}
              </span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
