import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_components/button";
import { cn } from "@/app/_components/class-names";
import { CropImage } from "@/app/_components/crop-image";
import { SelectField, TextField } from "@/app/_components/field";
import { Notice } from "@/app/_components/notice";
import { PassportLink } from "@/app/_components/passport-link";
import { ProblemList } from "@/app/_components/problem-list";
import { firstKey, shortcutsOf } from "@/app/_keys/keys";
import { useDeed } from "@/app/_keys/use-deed";
import { useKeys } from "@/app/_keys/use-keys";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import { holdsInPatient } from "@/core/dicom/spacing";
import type { NodeView } from "@/server/schemas/imaging";
import type { CropBox } from "@/server/schemas/series";
import { isUnusual, usualSizes } from "./box";
import { axesOf, type Ends, pixelAxesOf } from "./frames";
import { viewerKeys } from "./keys";
import type { Measured, Shown } from "./measured";

const sides = ["left", "top", "width", "height"] as const satisfies readonly (keyof CropBox)[];

/** What the locating radiologist does with the images: the size of a node, and its crops. */
export function WorkPanel({
  study,
  number,
  nodes,
  regions,
  planes,
  measured,
  crop,
  notThere,
  onPlace,
  onBox,
  windowOfCrop,
}: {
  study: string;
  /** The subject's. */
  number: string;
  nodes: readonly NodeView[];
  regions: readonly { key: string; label: string }[];
  planes: readonly { key: string; label: string }[];
  measured: Measured | null;
  crop: (Shown & { box: CropBox }) | null;
  /** Whether a box was asked for in a plane whose images have nothing of what is measured. */
  notThere: boolean;
  /** Suggests a box around what is measured. */
  onPlace: () => void;
  onBox: (box: CropBox) => void;
  /** Of the pane in which the crop lies. */
  windowOfCrop: () => { low: number; high: number } | undefined;
}) {
  const t = useTranslations("imaging.viewer");
  const keys = useKeys(viewerKeys);
  const [nodeId, setNodeId] = useState(nodes[0]?.id ?? isNew);
  const [saved, setSaved] = useState<Saved | null>(null);
  const node = nodes.find(({ id }) => id === nodeId);
  const options = nodes.map(({ id, label, region }) => ({ value: id, label: region ? `${label} · ${region}` : label }));
  // One that was added just now is not in the list before the page has been loaded again.
  if (saved && options.every(({ value }) => value !== saved.nodeId))
    options.push({ value: saved.nodeId, label: saved.label ?? "" });
  const save = { study, measured, saved, onSaved: setSaved };
  return (
    <div className="grid content-start gap-6 overflow-y-auto p-4">
      <SelectField
        label={t("node")}
        value={nodeId}
        onChange={(event) => setNodeId(event.target.value)}
        options={[...options, { value: isNew, label: t("newNode") }]}
      />
      {nodeId === isNew ? (
        <SizeOfNewNode
          {...{ ...save, number, regions }}
          onSaved={(each) => {
            setSaved(each);
            setNodeId(each.nodeId);
          }}
        />
      ) : (
        <SizeOfNode key={`size ${nodeId}`} {...save} nodeId={nodeId} />
      )}
      {node ? (
        <>
          <section className="grid gap-3">
            <h3 className="font-medium">{t("crop")}</h3>
            <Button disabled={!measured} onClick={onPlace} aria-keyshortcuts={shortcutsOf(keys, "place")}>
              {t("placeBox")}
            </Button>
            {notThere ? <Notice tone="warning">{t("notThere")}</Notice> : null}
            {crop ? (
              <CropOfNode key={`crop ${nodeId} ${crop.pane}`} {...{ study, node, planes, crop, onBox, windowOfCrop }} />
            ) : (
              <p className="text-soft text-sm">{t("cropHint")}</p>
            )}
          </section>
          <PassportLink study={study} nodeId={nodeId} kind="secondary" />
        </>
      ) : null}
    </div>
  );
}

const isNew = "new";

/** What was saved last. */
interface Saved {
  nodeId: string;
  /** Of a node that was added here, and whether it was with this size. */
  label?: string;
  isAdded: boolean;
  ends: Ends;
  short: number;
  long: number;
}

function roundedPixels({ frame, ends }: Measured) {
  const { long, short } = pixelAxesOf(frame.plane, ends);
  return { long: long.toFixed(0), short: short.toFixed(0) };
}

interface OfSize {
  study: string;
  measured: Measured | null;
  saved: Saved | null;
  onSaved: (saved: Saved) => void;
}

function SizeOfNode({ study, nodeId, measured, saved, onSaved }: OfSize & { nodeId: string }) {
  const router = useRouter();
  const trpc = useTRPC();
  const save = useMutation(trpc.series.measure.mutationOptions({ onSuccess: () => router.refresh() }));
  const isSaved = saved !== null && saved.nodeId === nodeId && saved.ends === measured?.ends;
  return (
    <Size
      measured={measured}
      saved={isSaved ? saved : null}
      save={save}
      onSave={({ frame: { instanceId, frame }, ends }) =>
        save.mutate(
          { study, nodeId, instanceId, frame, ends },
          {
            onSuccess: ({ shortAxisMm, longAxisMm }) =>
              onSaved({
                ...(saved?.nodeId === nodeId && saved.label ? { label: saved.label } : {}),
                ...{ nodeId, ends, short: shortAxisMm, long: longAxisMm, isAdded: false },
              }),
          },
        )
      }
    />
  );
}

/** A node that is not recorded yet comes with the size that is measured here. */
function SizeOfNewNode({
  study,
  number,
  regions,
  measured,
  onSaved,
}: OfSize & { number: string; regions: readonly { key: string; label: string }[] }) {
  const t = useTranslations("imaging.subject");
  const router = useRouter();
  const trpc = useTRPC();
  const [region, setRegion] = useState(regions[0]?.key ?? "");
  const save = useMutation(trpc.series.addMeasured.mutationOptions({ onSuccess: () => router.refresh() }));
  const field = {
    label: t("region"),
    value: region,
    onChange: ({ target }: { target: { value: string } }) => setRegion(target.value),
  };
  return (
    <>
      {regions.length > 0 ? (
        <SelectField {...field} options={regions.map(({ key, label }) => ({ value: key, label }))} />
      ) : (
        <TextField {...field} />
      )}
      <Size
        measured={measured}
        saved={null}
        save={save}
        onSave={({ frame: { instanceId, frame }, ends }) =>
          save.mutate(
            { study, number, region: region.trim() === "" ? null : region, instanceId, frame, ends },
            {
              onSuccess: ({ nodeId, label, shortAxisMm, longAxisMm }) =>
                onSaved({ nodeId, label, ends, short: shortAxisMm, long: longAxisMm, isAdded: true }),
            },
          )
        }
      />
    </>
  );
}

/** The lengths of what is drawn, and the way to save them. */
function Size({
  measured,
  saved,
  save,
  onSave,
}: {
  measured: Measured | null;
  /** Where it is saved. */
  saved: Saved | null;
  save: { error: Parameters<typeof problemOf>[0] | null; isPending: boolean };
  onSave: (measured: Measured) => void;
}) {
  const t = useTranslations("imaging.viewer");
  const keys = useKeys(viewerKeys);
  const axes = measured && holdsInPatient(measured.frame.plane.spacing) ? axesOf(measured.ends) : null;
  const told = saved ?? axes;
  const mayBeSaved = axes !== null && saved === null && !save.isPending;
  const act = () => {
    if (measured && mayBeSaved) onSave(measured);
  };
  useDeed(viewerKeys, "save", act);
  return (
    <section className="grid gap-3">
      <h3 className="font-medium">{t("size")}</h3>
      {told ? (
        <dl className="numbers grid grid-cols-[1fr_auto] gap-x-3" data-testid="axes">
          <dt>{t("shortAxis")}</dt>
          <dd>{t("millimetres", { length: told.short.toFixed(1) })}</dd>
          <dt className="text-soft">{t("longAxis")}</dt>
          <dd className="text-soft">{t("millimetres", { length: told.long.toFixed(1) })}</dd>
        </dl>
      ) : (
        <p className={cn("text-sm", measured ? "text-warning" : "text-soft")}>
          {measured ? t("pixelsOnly", roundedPixels(measured)) : t("measureHint", { key: firstKey(keys, "lay") })}
        </p>
      )}
      {save.error ? <ProblemList {...problemOf(save.error)} /> : null}
      <Button kind="primary" disabled={!mayBeSaved} onClick={act} aria-keyshortcuts={shortcutsOf(keys, "save")}>
        {t("saveSize")}
      </Button>
      <p aria-live="polite" className="text-success text-sm">
        {saved
          ? saved.isAdded && saved.label
            ? t("nodeSaved", { node: saved.label, length: saved.short.toFixed(2) })
            : t("sizeSaved", { length: saved.short.toFixed(2) })
          : null}
      </p>
    </section>
  );
}

function CropOfNode({
  study,
  node,
  planes,
  crop,
  onBox,
  windowOfCrop,
}: {
  study: string;
  node: NodeView;
  planes: readonly { key: string; label: string }[];
  crop: Shown & { box: CropBox };
  onBox: (box: CropBox) => void;
  windowOfCrop: () => { low: number; high: number } | undefined;
}) {
  const t = useTranslations("imaging.viewer");
  const keys = useKeys(viewerKeys);
  const router = useRouter();
  const trpc = useTRPC();
  const [plane, setPlane] = useState((planes.find(({ key }) => key === crop.pane) ?? planes[0])?.key ?? "");
  const cut = useMutation(trpc.series.cut.mutationOptions({ onSuccess: () => router.refresh() }));
  const present = node.crops.find((each) => each.plane === plane);
  const label = planes.find(({ key }) => key === plane)?.label ?? plane;
  function cutOut() {
    const window = windowOfCrop();
    if (!window || cut.isPending) return;
    const { instanceId, frame } = crop.frame;
    const replaces = present?.id ?? null;
    cut.mutate({ study, nodeId: node.id, plane, replaces, instanceId, frame, box: crop.box, window });
  }
  useDeed(viewerKeys, "cut", cutOut);
  return (
    <>
      <div className="grid grid-cols-2 gap-2">
        {sides.map((side) => (
          <TextField
            key={side}
            label={t(`box.${side}`)}
            type="number"
            step="1"
            unit={t("px")}
            value={crop.box[side]}
            onChange={({ target }) => {
              if (Number.isInteger(target.valueAsNumber)) onBox({ ...crop.box, [side]: target.valueAsNumber });
            }}
          />
        ))}
      </div>
      <SelectField
        label={t("plane")}
        value={plane}
        onChange={(event) => setPlane(event.target.value)}
        options={planes.map(({ key, label }) => ({ value: key, label }))}
      />
      {isUnusual(crop.box) ? (
        <Notice tone="warning">
          {t("unusualSize", {
            ...{ width: crop.box.width, height: crop.box.height },
            ...{ smallest: usualSizes.smallest.join(" × "), largest: usualSizes.largest.join(" × ") },
          })}
        </Notice>
      ) : null}
      {cut.error ? <ProblemList {...problemOf(cut.error)} /> : null}
      <Button kind="primary" disabled={cut.isPending} onClick={cutOut} aria-keyshortcuts={shortcutsOf(keys, "cut")}>
        {t(present ? "cutAgain" : "cut")}
      </Button>
      {cut.data ? (
        <figure className="grid justify-items-center gap-1">
          <CropImage
            study={study}
            crop={cut.data}
            alt={t("cropAlt", { node: node.label, plane: label })}
            className=""
          />
          <figcaption className="numbers text-soft text-sm">
            {t("cropSaved", { width: cut.data.width, height: cut.data.height })}
          </figcaption>
        </figure>
      ) : null}
    </>
  );
}
