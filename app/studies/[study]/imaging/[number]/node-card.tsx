"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_components/button";
import { ConfirmDialog } from "@/app/_components/confirm-dialog";
import { CropImage } from "@/app/_components/crop-image";
import { TextArea, TextField } from "@/app/_components/field";
import { Notice } from "@/app/_components/notice";
import { Card } from "@/app/_components/page-header";
import { PassportLink } from "@/app/_components/passport-link";
import { ProblemList } from "@/app/_components/problem-list";
import { Hash } from "@/app/_components/values";
import { useFormat } from "@/app/_i18n/format";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import type { NodeView } from "@/server/schemas/imaging";
import { UploadCrops } from "./upload-crops";

type Planes = readonly { key: string; label: string }[];

/** One node: its size, its crop in each plane, and what the locating radiologist can do with it. */
export function NodeCard({
  study,
  node,
  planes,
  mayEdit,
}: {
  study: string;
  node: NodeView;
  planes: Planes;
  mayEdit: boolean;
}) {
  const t = useTranslations("imaging.subject");
  const { list } = useFormat();
  return (
    <Card>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-2">
        <h2>
          {t("node", { label: node.label, region: node.region ?? "–" })} ·{" "}
          <span className="numbers">{node.shortAxisMm?.toFixed(1) ?? "–"}</span> {t("mm")}
        </h2>
        <div className="flex flex-wrap gap-1">
          {mayEdit && !node.excluded ? (
            <>
              <Remeasure study={study} node={node} />
              <Exclude study={study} node={node} />
            </>
          ) : null}
          <PassportLink study={study} nodeId={node.id} />
        </div>
      </div>
      {node.excluded ? <Notice tone="warning">{t("excludedBecause", { reason: node.excluded })}</Notice> : null}
      <ul className="grid gap-4 sm:grid-cols-3">
        {planes.map((plane) => {
          const crop = node.crops.find((each) => each.plane === plane.key);
          return (
            <li key={plane.key}>
              <p className="mb-1 font-medium">{plane.label}</p>
              <div className="grid h-40 place-items-center rounded-md bg-image">
                {crop ? (
                  <CropImage
                    study={study}
                    crop={crop}
                    alt={t("alt", { label: node.label, plane: plane.label })}
                    className="max-h-36 object-contain"
                  />
                ) : (
                  <span className="text-[oklch(0.7_0_0)] text-sm">{t("missing")}</span>
                )}
              </div>
              {crop?.sha256 != null ? (
                <p className="mt-1 flex flex-wrap justify-between gap-x-2 text-sm">
                  <span className="numbers">{t("pixels", { width: crop.width ?? 0, height: crop.height ?? 0 })}</span>
                  <Hash value={crop.sha256} />
                  {crop.scaledFromWidth !== null && crop.scaledFromHeight !== null ? (
                    <span className="w-full text-soft">
                      {t("scaled", { width: crop.scaledFromWidth, height: crop.scaledFromHeight })}
                    </span>
                  ) : null}
                  {crop.bitDepth !== null && crop.windowLow !== null && crop.windowHigh !== null ? (
                    <span className="numbers w-full text-soft">
                      {t("windowed", { bits: crop.bitDepth, low: crop.windowLow, high: crop.windowHigh })}
                    </span>
                  ) : null}
                  {crop.sameAs.length > 0 ? (
                    <span className="w-full text-warning">{t("same", { names: list(crop.sameAs) })}</span>
                  ) : null}
                </p>
              ) : null}
            </li>
          );
        })}
      </ul>
      {mayEdit && !node.excluded ? (
        <UploadCrops study={study} nodeId={node.id} label={node.label} planes={planes} present={node.crops} />
      ) : null}
    </Card>
  );
}

function Remeasure({ study, node }: { study: string; node: NodeView }) {
  const t = useTranslations("imaging.subject");
  const { named } = useFormat();
  const router = useRouter();
  const trpc = useTRPC();
  const [open, setOpen] = useState(false);
  const [value, setValue] = useState("");
  const save = useMutation(
    trpc.imaging.remeasure.mutationOptions({
      onSuccess: () => {
        setOpen(false);
        router.refresh();
      },
    }),
  );
  return (
    <>
      <Button kind="quiet" onClick={() => setOpen(true)}>
        {t("remeasure")}
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={named(t("remeasure"), node.label)}
        action={
          <Button
            kind="primary"
            disabled={save.isPending || !(Number(value) > 0)}
            onClick={() => save.mutate({ study, nodeId: node.id, shortAxisMm: Number(value) })}
          >
            {t("remeasure")}
          </Button>
        }
      >
        {save.error ? <ProblemList {...problemOf(save.error)} /> : null}
        <TextField
          label={t("size")}
          type="number"
          step="0.1"
          min="0.1"
          unit={t("mm")}
          value={value}
          onChange={(event) => setValue(event.target.value)}
        />
      </ConfirmDialog>
    </>
  );
}

function Exclude({ study, node }: { study: string; node: NodeView }) {
  const t = useTranslations("imaging.subject");
  const { named } = useFormat();
  const router = useRouter();
  const trpc = useTRPC();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const exclude = useMutation(
    trpc.imaging.exclude.mutationOptions({
      onSuccess: () => {
        setOpen(false);
        router.refresh();
      },
    }),
  );
  return (
    <>
      <Button kind="quiet" onClick={() => setOpen(true)}>
        {t("exclude")}
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={named(t("exclude"), node.label)}
        action={
          <Button
            kind="danger"
            disabled={exclude.isPending || reason.trim().length < 3}
            onClick={() => exclude.mutate({ study, nodeId: node.id, reason })}
          >
            {t("exclude")}
          </Button>
        }
      >
        {exclude.error ? <ProblemList {...problemOf(exclude.error)} /> : null}
        <TextArea
          label={t("excludeReason", { label: node.label })}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          maxLength={500}
        />
      </ConfirmDialog>
    </>
  );
}
