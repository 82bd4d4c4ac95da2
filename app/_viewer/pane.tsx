import { Enums, imageLoader } from "@cornerstonejs/core";
import { useTranslations } from "next-intl";
import { useEffect, useEffectEvent, useReducer, useRef, useState } from "react";
import { cn } from "@/app/_components/class-names";
import type { PlaneName } from "@/core/dicom/plane";
import type { CropBox } from "@/server/schemas/series";
import { type Engine, viewportOf } from "./engine";
import { type Choice, type Frame, imageIdOf, placeIn } from "./frames";
import { Overlay } from "./overlay";

/** One plane: the stack that was chosen for it, scrolled through. */
export function Pane({
  engine,
  name,
  study,
  choices,
  chosen,
  onChoose,
  active,
  onActive,
  start,
  onReady,
  crop,
  className,
}: {
  engine: Engine;
  name: PlaneName;
  study: string;
  /** The largest first. */
  choices: readonly Choice[];
  /** By the key of a choice. */
  chosen: string | undefined;
  onChoose: (key: string) => void;
  active: boolean;
  onActive: () => void;
  /** Shown first; the middle one of the largest stack otherwise. */
  start: Pick<Frame, "instanceId" | "frame"> | undefined;
  /** The first image is there. */
  onReady: () => void;
  crop: { frame: Frame; box: CropBox } | null;
  className: string | undefined;
}) {
  const t = useTranslations("imaging");
  const place = useRef<HTMLDivElement>(null);
  const [failed, setFailed] = useState(false);
  const [drawn, drawAgain] = useReducer((times: number) => times + 1, 0);
  const choice = choices.find(({ key }) => key === chosen);
  const beReady = useEffectEvent(onReady);
  const first = useEffectEvent((of: Choice) => {
    const place = start ? placeIn(of, start) : -1;
    return place >= 0 ? place : Math.floor(of.stack.frames.length / 2);
  });

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    engine.rendering.enableElement({ viewportId: name, type: Enums.ViewportType.STACK, element });
    engine.group.addViewport(name, engine.rendering.id);
    element.addEventListener(Enums.Events.IMAGE_RENDERED, drawAgain);
    // The right button is the window's, not the browser's.
    const keep = (event: Event) => event.preventDefault();
    element.addEventListener("contextmenu", keep);
    // Told at once, too, when there is no image yet: that would be fitted into nothing.
    const sized = new ResizeObserver(() => {
      if (viewportOf(engine, name)?.getImageIds().length) engine.rendering.resize(true, true);
    });
    sized.observe(element);
    return () => {
      sized.disconnect();
      element.removeEventListener(Enums.Events.IMAGE_RENDERED, drawAgain);
      element.removeEventListener("contextmenu", keep);
      if (!engine.rendering.hasBeenDestroyed) engine.rendering.disableElement(name);
    };
  }, [engine, name]);

  useEffect(() => {
    if (!choice) return;
    let isGone = false;
    const ids = choice.stack.frames.map((frame) => imageIdOf(study, frame));
    void (async () => {
      setFailed(false);
      const viewport = viewportOf(engine, name);
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
  }, [engine, name, study, choice]);

  const viewport = drawn > 0 && !engine.rendering.hasBeenDestroyed ? viewportOf(engine, name) : undefined;
  const at = viewport?.getCurrentImageIdIndex() ?? 0;
  const frame = choice?.stack.frames[at];
  const isCropped = crop?.frame.instanceId === frame?.instanceId && crop?.frame.frame === frame?.frame;
  return (
    <section
      aria-label={t(`images.plane.${name}`)}
      data-active={active}
      className={cn("grid min-h-64 grid-rows-[auto_1fr] border border-line", active && "border-accent", className)}
      onPointerDownCapture={onActive}
      onWheelCapture={onActive}
    >
      <label className="flex min-w-0 items-center gap-2 px-2 py-1 text-sm">
        <span className="font-medium">{t(`images.plane.${name}`)}</span>
        <select
          value={chosen}
          onChange={(event) => onChoose(event.target.value)}
          className="min-w-0 flex-1 rounded-md border border-line bg-surface px-1.5 py-0.5"
        >
          {choices.map(({ key, series, stack }) => (
            <option key={key} value={key}>
              {t("viewer.stack", {
                number: series.number ?? "–",
                description: series.description ?? t("images.unnamed"),
                count: stack.frames.length,
              })}
            </option>
          ))}
        </select>
      </label>
      <div className="relative min-h-0 overflow-hidden bg-image">
        <div ref={place} className="absolute inset-0 touch-none" />
        {viewport && frame ? (
          <Overlay
            viewport={viewport}
            frame={frame}
            at={at + 1}
            count={choice?.stack.frames.length ?? 0}
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
