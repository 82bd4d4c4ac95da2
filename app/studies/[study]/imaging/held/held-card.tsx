"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { Badge } from "@/app/_components/badge";
import { Button } from "@/app/_components/button";
import { TextField } from "@/app/_components/field";
import { Card } from "@/app/_components/page-header";
import { When } from "@/app/_components/values";
import { useFormat } from "@/app/_i18n/format";
import { type HeldImage, holdDecisions } from "@/server/schemas/series";
import { type BlackBox, firstBox } from "./black-box";
import { BoxLayer } from "./box-layer";
import { Decide } from "./decide";

/** Of a picture on this page, rem. */
const highest = 32;

/** A held image: the picture as it is stored, why it is held, and what somebody decides or decided of it. */
export function HeldCard({ study, image, mayDecide }: { study: string; image: HeldImage; mayDecide: boolean }) {
  const t = useTranslations("imaging.held");
  const { day } = useFormat();
  const [frame, setFrame] = useState(1);
  const { instanceId, reasons, width, height, frames, decided } = image;
  const [boxes, setBoxes] = useState<BlackBox[]>(image.boxes);
  const [isPreview, setPreview] = useState(false);
  // A picture with letters is not kept in the browser's place of the one without, nor the one before a black-out in that of what is held once more.
  const version = `&as=${(decided?.at ?? image.heldAt).getTime()}`;
  return (
    <li>
      <Card className="grid gap-6 md:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <figure className="m-0">
          <div className="grid place-items-center rounded-md bg-image">
            <div
              className="relative"
              style={{
                aspectRatio: `${width} / ${height}`,
                width: `min(100%, ${(highest * width) / height}rem)`,
              }}
            >
              <img
                src={`/api/studies/${study}/instances/${instanceId}/picture?frame=${frame}${version}`}
                alt={t("alt", { subject: image.subject, series: image.series ?? "–" })}
                loading="lazy"
                draggable={false}
                className="h-full w-full"
              />
              {mayDecide ? (
                <BoxLayer boxes={boxes} size={{ width, height }} isPreview={isPreview} onChange={setBoxes} />
              ) : null}
            </div>
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
            <>
              <fieldset className="grid gap-2 rounded-md border border-line p-3">
                <legend className="px-1 font-medium">{t("black.title")}</legend>
                <p className="text-sm">{t("black.how")}</p>
                <p className="text-soft text-sm">{t("black.keys")}</p>
                <div className="flex flex-wrap gap-2">
                  <Button onClick={() => setBoxes([...boxes, firstBox(image)])}>{t("black.add")}</Button>
                  <Button disabled={boxes.length === 0} aria-pressed={isPreview} onClick={() => setPreview(!isPreview)}>
                    {t(isPreview ? "black.edit" : "black.preview")}
                  </Button>
                  <Button disabled={boxes.length === 0} onClick={() => setBoxes(boxes.slice(0, -1))}>
                    {t("black.remove")}
                  </Button>
                </div>
                <p className="numbers text-soft text-sm" aria-live="polite">
                  {t("black.count", { count: boxes.length, frames })}
                </p>
                <div>
                  <Decide study={study} instanceId={instanceId} what={{ decision: "blacked_out", boxes }} />
                </div>
              </fieldset>
              <div className="flex flex-wrap gap-2">
                {holdDecisions.map((decision) => (
                  <Decide key={decision} study={study} instanceId={instanceId} what={{ decision }} />
                ))}
              </div>
            </>
          ) : null}
        </div>
      </Card>
    </li>
  );
}
