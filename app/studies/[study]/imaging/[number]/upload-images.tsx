"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/app/_components/button";
import { DropArea } from "@/app/_components/drop-area";
import { Notice } from "@/app/_components/notice";
import { Progress } from "@/app/_components/progress";
import { useFormat } from "@/app/_i18n/format";
import { type DroppedFile, filesChosen, filesOf } from "@/app/_lib/dropped-files";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import { type FileAnswer, uploadOutcomes } from "@/server/schemas/series";

/** Files that are sent at a time. */
const atOnce = 4;
/** Seconds of the pauses after which a file that did not arrive is sent again. */
const pauses = [1, 2, 5, 10, 20, 30];

/** Of thousands of files those are kept here that have something said of them. */
const nothing = {
  ...{ found: 0, accepted: 0, known: 0, held: 0, refused: 0 },
  told: [] as (FileAnswer & { path: string })[],
};

/** Takes folders, ZIPs and files of one exam: each file is sent alone, so that a bad one does not lose the others, and sent again when the line drops. */
export function UploadImages({ study, examId }: { study: string; examId: string }) {
  const t = useTranslations("imaging.images");
  const { whole } = useFormat();
  const router = useRouter();
  const trpc = useTRPC();
  const begin = useMutation(trpc.series.beginUpload.mutationOptions());
  const [state, setState] = useState<"idle" | "sending" | "waiting" | "stopped" | "ended">("idle");
  const [progress, setProgress] = useState(nothing);
  const [problem, setProblem] = useState<string | null>(null);
  const stop = useRef<AbortController | null>(null);
  const busy = state === "sending" || state === "waiting";

  useEffect(() => {
    if (!busy) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [busy]);
  useEffect(() => () => stop.current?.abort(), []);

  async function send(uploadId: string, { path, ordinal, blob }: DroppedFile, signal: AbortSignal) {
    for (const pause of [...pauses, null]) {
      const response = await fetch(`/api/studies/${study}/uploads/${uploadId}/${ordinal}`, {
        ...{ method: "POST", body: blob, signal },
      }).catch(() => null);
      if (signal.aborted) return;
      if (response?.ok) {
        const answer: FileAnswer = await response.json();
        setState("sending");
        setProgress((before) => ({
          ...{ ...before, [answer.outcome]: before[answer.outcome] + 1 },
          told: answer.reason === null ? before.told : [...before.told, { path, ...answer }],
        }));
        return;
      }
      // What the server refuses as a whole it will refuse again.
      if (response && response.status < 500 && response.status !== 429) {
        const { message }: { message?: string } = await response.json().catch(() => ({}));
        throw new Error(message ?? t("notSent"));
      }
      if (pause === null) throw new Error(t("notSent"));
      setState("waiting");
      await new Promise((later) => setTimeout(later, 1000 * pause));
    }
  }

  async function take(files: AsyncIterable<DroppedFile>) {
    const control = new AbortController();
    stop.current = control;
    setProgress(nothing);
    setProblem(null);
    setState("sending");
    try {
      const { uploadId } = await begin.mutateAsync({ study, examId });
      const iterator = files[Symbol.asyncIterator]();
      // One hand takes a file while the others send theirs.
      let taking: Promise<unknown> = Promise.resolve();
      const next = () => {
        const taken = taking.then(() => iterator.next());
        taking = taken.catch(() => undefined);
        return taken;
      };
      const hand = async () => {
        for (;;) {
          const { done, value } = await next();
          if (done || control.signal.aborted) return;
          setProgress((before) => ({ ...before, found: before.found + 1 }));
          await send(uploadId, value, control.signal);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, hand));
      setState(control.signal.aborted ? "stopped" : "ended");
    } catch (error) {
      control.abort();
      setProblem(problemOf(error)?.message ?? (error instanceof Error ? error.message : t("notSent")));
      setState("stopped");
    }
    router.refresh();
  }

  const { told, found } = progress;
  const done = uploadOutcomes.reduce((sum, outcome) => sum + progress[outcome], 0);
  return (
    <div className="grid gap-3">
      {problem ? <Notice tone="danger">{problem}</Notice> : null}
      <DropArea
        folder
        disabled={busy}
        onDropped={(transfer) => void take(filesOf(transfer))}
        onChosen={(files) => void take(filesChosen(files))}
      >
        {t("drop")} <span className="text-accent underline underline-offset-2">{t("chooseFolder")}</span>
        <span className="block text-soft text-sm">{t("dropHint")}</span>
      </DropArea>
      {state !== "idle" ? (
        <div aria-live="polite" className="grid gap-2">
          <Progress label={t(`state.${state}`)} done={done} total={found} unit={t("files")} />
          <p className="numbers flex flex-wrap gap-x-4 text-sm">
            {uploadOutcomes.map((outcome) => (
              <span key={outcome}>{t(`outcome.${outcome}`, { count: whole(progress[outcome]) })}</span>
            ))}
          </p>
          {busy ? (
            <Button className="justify-self-start" onClick={() => stop.current?.abort()}>
              {t("stop")}
            </Button>
          ) : null}
        </div>
      ) : null}
      {told.length > 0 ? (
        <details>
          <summary className="cursor-pointer text-sm">{t("told", { count: told.length })}</summary>
          <ul className="mt-2 grid max-h-72 gap-1 overflow-y-auto text-sm">
            {told.map(({ path, outcome, reason }) => (
              <li key={path}>
                <span className="break-all font-medium">{path}</span> · {t(`one.${outcome}`)}
                <span className="block text-soft">{reason}</span>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </div>
  );
}
