import { Enums, imageLoader } from "@cornerstonejs/core";
import { useTranslations } from "next-intl";
import { useEffect, useReducer, useRef, useState } from "react";
import { cn } from "@/app/_components/class-names";
import type { PlaneName } from "@/core/dicom/plane";
import type { CropBox } from "@/server/schemas/series";
import { type Engine, viewportOf } from "./engine";
import { type Choice, type Frame, imageIdOf } from "./frames";
import { Overlay } from "./overlay";

/** One plane: the stack that was chosen for it, scrolled through. */
export function Pane({
  engine,
  name,
  study,
  choices,
  active,
  onActive,
  crop,
  className,
}: {
  engine: Engine;
  name: PlaneName;
  study: string;
  /** The largest first. */
  choices: readonly Choice[];
  active: boolean;
  onActive: () => void;
  crop: { frame: Frame; box: CropBox } | null;
  className: string | undefined;
}) {
  const t = useTranslations("imaging");
  const place = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState(choices[0]?.key);
  const [failed, setFailed] = useState(false);
  const [drawn, drawAgain] = useReducer((times: number) => times + 1, 0);
  const choice = choices.find(({ key }) => key === chosen);

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
      await viewport?.setStack(ids, Math.floor(ids.length / 2));
      if (isGone) return;
      engine.rendering.resize(true, false);
      viewport?.resetCamera();
      viewport?.render();
      // The rest is fetched now, so that scrolling does not wait.
      for (const id of ids) if (!isGone) await imageLoader.loadAndCacheImage(id);
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
          onChange={(event) => setChosen(event.target.value)}
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
        <div ref={place} className="absolute inset-0" />
        {viewport && frame ? (
          <Overlay
            viewport={viewport}
            frame={frame}
            at={at + 1}
            count={choice?.stack.frames.length ?? 0}
            box={isCropped ? crop?.box : undefined}
          />
        ) : null}
        {failed ? <p className="absolute inset-x-4 top-1/3 text-center text-warning">{t("viewer.notShown")}</p> : null}
      </div>
    </section>
  );
}
