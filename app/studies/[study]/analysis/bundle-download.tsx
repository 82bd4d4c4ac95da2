"use client";

import { useMutation } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_components/button";
import { FileLink } from "@/app/_components/file-link";
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
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => client.bundle.request.mutate({ study, runId }),
    onSuccess: ({ bundleId }) => setJob({ id: bundleId, state: "queued", done: 0, total: 0, error: null }),
  });
  const isUnderWay = isPending || job?.state === "queued" || job?.state === "running";
  const live = useSubscription(
    trpc.bundle.live.subscriptionOptions(
      { study, bundleId: job?.id ?? "" },
      { enabled: job?.state === "queued" || job?.state === "running", onData: (progress) => setJob(progress) },
    ),
  );
  const isLost = live.status === "error";
  const failure = error ? (problemOf(error).message ?? t("unreached")) : job?.error ? say(job.error) : null;
  const problem = isLost ? t("connection") : failure;
  return (
    <>
      {job?.state === "done" ? (
        <FileLink href={`/api/studies/${study}/bundles/${job.id}`} atOnce>
          {t("download")}
        </FileLink>
      ) : isLost ? (
        <Button onClick={live.reset}>{t("look")}</Button>
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
