"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type DragEvent, useEffect, useId, useRef, useState } from "react";
import { Button } from "@/app/_components/button";
import { cn } from "@/app/_components/class-names";
import { Notice } from "@/app/_components/notice";
import { Progress } from "@/app/_components/progress";
import { useFormat } from "@/app/_i18n/format";
import { type DroppedFile, filesChosen, filesOf } from "@/app/_lib/dropped-files";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import type { FileAnswer } from "@/server/schemas/series";

/** Files that are sent at a time. */
const atOnce = 4;
/** Seconds of the pauses after which a file that did not arrive is sent again. */
const pauses = [1, 2, 5, 10, 20, 30];

interface Sent {
  path: string;
  answer: FileAnswer;
}

const nothing = { found: 0, done: 0, sent: [] as Sent[] };

/** Takes folders, ZIPs and files of one exam: each file is sent alone, so that a bad one does not lose the others, and sent again when the line drops. */
export function UploadImages({ study, examId }: { study: string; examId: string }) {
  const t = useTranslations("imaging.images");
  const { whole } = useFormat();
  const router = useRouter();
  const trpc = useTRPC();
  const id = useId();
  const begin = useMutation(trpc.series.beginUpload.mutationOptions());
  const [over, setOver] = useState(false);
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

  async function send(uploadId: string, ordinal: number, { path, blob }: DroppedFile, signal: AbortSignal) {
    for (const pause of [...pauses, null]) {
      const response = await fetch(`/api/studies/${study}/uploads/${uploadId}/${ordinal}`, {
        ...{ method: "POST", body: blob, signal },
      }).catch(() => null);
      if (signal.aborted) return;
      if (response?.ok) {
        const answer: FileAnswer = await response.json();
        setState("sending");
        setProgress((before) => ({ ...before, done: before.done + 1, sent: [...before.sent, { path, answer }] }));
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
      let ordinal = 0;
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
          ordinal += 1;
          setProgress((before) => ({ ...before, found: before.found + 1 }));
          await send(uploadId, ordinal, value, control.signal);
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

  function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    if (!busy) void take(filesOf(event.dataTransfer));
  }

  const count = (outcome: FileAnswer["outcome"]) =>
    progress.sent.filter(({ answer }) => answer.outcome === outcome).length;
  const told = progress.sent.filter(({ answer }) => answer.reason !== null);
  return (
    <div className="grid gap-3">
      {problem ? <Notice tone="danger">{problem}</Notice> : null}
      <label
        htmlFor={id}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
        className={cn(
          "block rounded-md border border-line-strong border-dashed px-4 py-5 text-center has-focus-visible:outline-2 has-focus-visible:outline-accent",
          over && "border-accent bg-accent-soft",
          busy && "opacity-60",
        )}
      >
        {t("drop")} <span className="text-accent underline underline-offset-2">{t("chooseFolder")}</span>
        <span className="block text-soft text-sm">{t("dropHint")}</span>
        <input
          id={id}
          type="file"
          multiple
          disabled={busy}
          className="sr-only"
          {...{ webkitdirectory: "" }}
          onChange={(event) => {
            const files = [...(event.target.files ?? [])];
            event.target.value = "";
            void take(filesChosen(files));
          }}
        />
      </label>
      {state !== "idle" ? (
        <div aria-live="polite" className="grid gap-2">
          <Progress label={t(`state.${state}`)} done={progress.done} total={progress.found} unit={t("files")} />
          <p className="numbers flex flex-wrap gap-x-4 text-sm">
            {(["accepted", "known", "held", "refused"] as const).map((outcome) => (
              <span key={outcome}>{t(`outcome.${outcome}`, { count: whole(count(outcome)) })}</span>
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
            {told.map(({ path, answer }) => (
              <li key={path}>
                <span className="break-all font-medium">{path}</span> · {t(`one.${answer.outcome}`)}
                <span className="block text-soft">{answer.reason}</span>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </div>
  );
}
