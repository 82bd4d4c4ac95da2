"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Badge } from "@/app/_components/badge";
import { Button } from "@/app/_components/button";
import { ConfirmDialog } from "@/app/_components/confirm-dialog";
import { TextArea, TextField } from "@/app/_components/field";
import { Card } from "@/app/_components/page-header";
import { ProblemList } from "@/app/_components/problem-list";
import { When } from "@/app/_components/values";
import { useFormat } from "@/app/_i18n/format";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import { type HeldImage, holdDecisions } from "@/server/schemas/series";

/** A held image: the picture as it is stored, why it is held, and what somebody decides or decided of it. */
export function HeldCard({ study, image, mayDecide }: { study: string; image: HeldImage; mayDecide: boolean }) {
  const t = useTranslations("imaging.held");
  const { day } = useFormat();
  const [frame, setFrame] = useState(1);
  const { instanceId, reasons, boxes, width, height, frames, decided } = image;
  return (
    <li>
      <Card className="grid gap-6 md:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <figure className="m-0">
          <div className="relative grid place-items-center rounded-md bg-image">
            <img
              src={`/api/studies/${study}/instances/${instanceId}/picture?frame=${frame}`}
              alt={t("alt", { subject: image.subject, series: image.series ?? "–" })}
              loading="lazy"
              className="max-h-[32rem] w-full object-contain"
              style={{ aspectRatio: `${width} / ${height}` }}
            />
            <svg
              viewBox={`0 0 ${width} ${height}`}
              className="pointer-events-none absolute inset-0 h-full w-full"
              aria-hidden
            >
              {boxes.map(([left, top, across, down]) => (
                <rect
                  key={`${left} ${top}`}
                  {...{ x: left, y: top, width: across, height: down }}
                  fill="none"
                  stroke="oklch(0.8 0.17 85)"
                  strokeWidth={2}
                  className="[vector-effect:non-scaling-stroke]"
                />
              ))}
            </svg>
          </div>
          <figcaption className="numbers mt-1 text-soft text-sm">{t("pixels", { width, height })}</figcaption>
          {frames > 1 ? (
            <TextField
              label={t("frame", { frames })}
              type="number"
              min={1}
              max={frames}
              value={frame}
              onChange={(event) => setFrame(Math.min(frames, Math.max(1, Math.round(Number(event.target.value)) || 1)))}
            />
          ) : null}
        </figure>
        <div className="grid content-start gap-3">
          <h2>{t("of", { subject: image.subject, day: day(image.performedOn) })}</h2>
          <p className="text-soft text-sm">
            {t("series", { number: image.series ?? "–", description: image.description ?? t("unnamed") })}
          </p>
          <ul className="grid gap-2">
            {reasons.map((reason) => (
              <li key={reason}>
                <Badge tone="warning">{t(`reason.${reason}`)}</Badge>
                <span className="mt-1 block text-sm">{t(`look.${reason}`)}</span>
              </li>
            ))}
          </ul>
          {decided ? (
            <p className="text-sm">
              {t(`done.${decided.decision}`)} · {decided.by} · <When at={decided.at} />
              <span className="block text-soft">{decided.reason}</span>
            </p>
          ) : null}
          {mayDecide ? (
            <div className="flex flex-wrap gap-2">
              {holdDecisions.map((decision) => (
                <Decide key={decision} study={study} instanceId={instanceId} decision={decision} />
              ))}
            </div>
          ) : null}
        </div>
      </Card>
    </li>
  );
}

function Decide({
  study,
  instanceId,
  decision,
}: {
  study: string;
  instanceId: string;
  decision: (typeof holdDecisions)[number];
}) {
  const t = useTranslations("imaging.held");
  const router = useRouter();
  const trpc = useTRPC();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const decide = useMutation(
    trpc.series.decide.mutationOptions({
      onSuccess: () => {
        setOpen(false);
        router.refresh();
      },
    }),
  );
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t(`action.${decision}`)}</Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={t(`action.${decision}`)}
        action={
          <Button
            kind="primary"
            disabled={decide.isPending || reason.trim().length < 3}
            onClick={() => decide.mutate({ study, instanceId, decision, reason })}
          >
            {t(`action.${decision}`)}
          </Button>
        }
      >
        {decide.error ? <ProblemList {...problemOf(decide.error)} /> : null}
        <p>{t(`means.${decision}`)}</p>
        <TextArea label={t("why")} value={reason} onChange={(event) => setReason(event.target.value)} />
      </ConfirmDialog>
    </>
  );
}
