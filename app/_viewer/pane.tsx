import { Enums, imageLoader } from "@cornerstonejs/core";
import { useTranslations } from "next-intl";
import { useEffect, useEffectEvent, useReducer, useRef, useState } from "react";
import { cn } from "@/app/_components/class-names";
import type { CropBox } from "@/server/schemas/series";
import { type Engine, imageOf, type PaneId, viewportOf } from "./engine";
import { type Choice, type Frame, imageIdOf, type PaneName } from "./frames";
import { Overlay } from "./overlay";

/** One plane, or the images without any: the stack that was chosen for it, scrolled through. */
export function Pane({
  engine,
  id,
  name,
  beside,
  study,
  choices,
  chosen,
  onChoose,
  active,
  onActive,
  start,
  onReady,
  onImage,
  crop,
  className,
}: {
  engine: Engine;
  id: PaneId;
  name: PaneName;
  /** What the exam is called that is not the one that is open; null: it is. */
  beside: string | null;
  study: string;
  /** The largest first. */
  choices: readonly Choice[];
  /** By the key of a choice. */
  chosen: string | undefined;
  onChoose: (key: string) => void;
  active: boolean;
  onActive: () => void;
  /** Where a stack that comes in begins: 0, 1, ... */
  start: (of: Choice) => number;
  /** The first image is there. */
  onReady: () => void;
  /** Another one is shown: 0, 1, ... */
  onImage: (at: number) => void;
  crop: { frame: Frame; box: CropBox } | null;
  className: string | undefined;
}) {
  const t = useTranslations("imaging");
  const place = useRef<HTMLDivElement>(null);
  const [failed, setFailed] = useState(false);
  const [drawn, drawAgain] = useReducer((times: number) => times + 1, 0);
  const isBeside = beside !== null;
  const choice = choices.find(({ key }) => key === chosen);
  const beReady = useEffectEvent(onReady);
  const first = useEffectEvent(start);
  const tell = useEffectEvent(() => {
    const viewport = viewportOf(engine, id);
    if (viewport) onImage(viewport.getCurrentImageIdIndex());
  });

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const hear = () => tell();
    engine.rendering.enableElement({ viewportId: id, type: Enums.ViewportType.STACK, element });
    (isBeside ? engine.beside : engine.group).addViewport(id, engine.rendering.id);
    element.addEventListener(Enums.Events.IMAGE_RENDERED, drawAgain);
    element.addEventListener(Enums.Events.STACK_NEW_IMAGE, hear);
    // The right button is the window's, not the browser's.
    const keep = (event: Event) => event.preventDefault();
    element.addEventListener("contextmenu", keep);
    // Told at once, too, when there is no image yet: that would be fitted into nothing.
    const sized = new ResizeObserver(() => {
      if (viewportOf(engine, id)?.getImageIds().length) engine.rendering.resize(true, true);
    });
    sized.observe(element);
    return () => {
      sized.disconnect();
      element.removeEventListener(Enums.Events.IMAGE_RENDERED, drawAgain);
      element.removeEventListener(Enums.Events.STACK_NEW_IMAGE, hear);
      element.removeEventListener("contextmenu", keep);
      if (!engine.rendering.hasBeenDestroyed) engine.rendering.disableElement(id);
    };
  }, [engine, id, isBeside]);

  useEffect(() => {
    if (!choice) return;
    let isGone = false;
    const ids = choice.frames.map((frame) => imageIdOf(study, frame));
    void (async () => {
      setFailed(false);
      const viewport = viewportOf(engine, id);
      const middle = first(choice);
      await viewport?.setStack(ids, middle);
      if (isGone) return;
      engine.rendering.resize(true, false);
      viewport?.resetCamera();
      viewport?.render();
      beReady();
      // The rest is fetched now, the nearest first, so that scrolling does not wait.
      const away = (at: number) => Math.abs(at - middle);
      const others = ids.map((id, at) => ({ id, at })).sort((a, b) => away(a.at) - away(b.at));
      for (const { id } of others) if (!isGone) await imageLoader.loadAndCacheImage(id);
    })().catch(() => {
      if (!isGone) setFailed(true);
    });
    return () => {
      isGone = true;
    };
  }, [engine, id, study, choice]);

  const viewport = drawn > 0 && !engine.rendering.hasBeenDestroyed ? viewportOf(engine, id) : undefined;
  const isThere = viewport !== undefined && imageOf(viewport) !== undefined;
  const at = viewport?.getCurrentImageIdIndex() ?? 0;
  const frame = choice?.frames[at];
  const isCropped = crop?.frame.instanceId === frame?.instanceId && crop?.frame.frame === frame?.frame;
  return (
    <section
      aria-label={
        isBeside
          ? t("viewer.beside.pane", { exam: beside, plane: t(`images.plane.${name}`) })
          : t(`images.plane.${name}`)
      }
      data-active={active}
      className={cn(
        "grid min-h-64 border border-line",
        isBeside ? "grid-rows-[auto_auto_1fr]" : "grid-rows-[auto_1fr]",
        active && "border-accent",
        className,
      )}
      onPointerDownCapture={onActive}
      onWheelCapture={onActive}
    >
      {isBeside ? (
        <p className="flex flex-wrap items-baseline gap-x-2 px-2 py-0.5 text-sm text-warning">
          <span className="font-medium">{beside}</span>
          <span>{t("viewer.beside.notMeasured")}</span>
        </p>
      ) : null}
      <label className="flex min-w-0 items-center gap-2 px-2 py-1 text-sm">
        <span className="font-medium">{t(`images.plane.${name}`)}</span>
        <select
          value={chosen}
          onChange={(event) => onChoose(event.target.value)}
          className="min-w-0 flex-1 rounded-md border border-line bg-surface px-1.5 py-0.5"
        >
          {choices.map(({ key, series, frames }) => (
            <option key={key} value={key}>
              {t("viewer.stack", {
                number: series.number ?? "–",
                description: series.description ?? t("images.unnamed"),
                count: frames.length,
              })}
            </option>
          ))}
        </select>
      </label>
      <div className="relative min-h-0 overflow-hidden bg-image">
        <div ref={place} className="absolute inset-0 touch-none" />
        {isThere && frame ? (
          <Overlay
            viewport={viewport}
            frame={frame}
            at={at + 1}
            count={choice?.frames.length ?? 0}
            box={isCropped ? crop?.box : undefined}
          />
        ) : failed ? null : (
          <p role="status" className="absolute inset-x-4 top-1/3 text-center text-soft">
            {t("viewer.loading")}
          </p>
        )}
        {failed ? <p className="absolute inset-x-4 top-1/3 text-center text-warning">{t("viewer.notShown")}</p> : null}
      </div>
    </section>
  );
}
