"use client";

import { useMutation } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_components/button";
import { problemOf, useTRPC, useTRPCClient } from "@/app/_lib/trpc";
import { useSay } from "@/app/_lib/use-say";
import type { BundleJob } from "@/server/schemas/bundle";

/** Has the data, results and scripts of the comparison made into one file, shows how far it is, and hands it out. */
export function BundleDownload({ study, runId }: { study: string; runId: string | undefined }) {
  const t = useTranslations("analysis.bundle");
  const say = useSay();
  const trpc = useTRPC();
  const client = useTRPCClient();
  const [job, setJob] = useState<BundleJob | null>(null);
  const address = (id: string) => `/api/studies/${study}/bundles/${id}`;
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => client.bundle.request.mutate({ study, runId }),
    onSuccess: ({ bundleId }) => setJob({ id: bundleId, state: "queued", done: 0, total: 0, error: null }),
  });
  const isUnderWay = isPending || job?.state === "queued" || job?.state === "running";
  useSubscription(
    trpc.bundle.live.subscriptionOptions(
      { study, bundleId: job?.id ?? "" },
      {
        enabled: job?.state === "queued" || job?.state === "running",
        onData: (progress) => {
          setJob(progress);
          // Asked for by one click: the file comes by itself, and the link stays.
          if (progress.state === "done") window.location.assign(address(progress.id));
        },
      },
    ),
  );
  const problem = error ? (problemOf(error).message ?? t("unreached")) : job?.error ? say(job.error) : null;
  return (
    <>
      {job?.state === "done" ? (
        <Button asChild>
          <a href={address(job.id)} download>
            {t("download")}
          </a>
        </Button>
      ) : (
        <Button disabled={isUnderWay} onClick={() => mutate()}>
          {isUnderWay ? t("making", { percent: percentOf(job) }) : problem ? t("again") : t("make")}
        </Button>
      )}
      <span role="status" className="sr-only">
        {job?.state === "done" ? t("done") : isUnderWay ? t("underWay") : null}
      </span>
      {problem ? (
        <p role="alert" className="max-w-prose basis-full text-danger text-sm">
          {problem}
        </p>
      ) : null}
    </>
  );
}

const percentOf = (job: BundleJob | null): string =>
  job && job.total > 0 ? String(Math.floor((100 * job.done) / job.total)) : "0";
