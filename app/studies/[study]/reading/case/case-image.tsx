"use client";

import { useTranslations } from "next-intl";
import { type ComponentProps, useId } from "react";
import { Button } from "@/app/_components/button";
import { cn } from "@/app/_components/class-names";
import { type Keys, shortcutsOf } from "@/app/_keys/keys";
import { lineOf } from "@/app/_lib/grey-window";
import { kernels } from "@/core/reading/display";
import type { ReadingCase } from "@/server/schemas/reading";
import { CropImage } from "./crop-image";
import type { ReadingDeed } from "./keys";
import type { Display } from "./use-display";
import { useWindowDrag } from "./use-window-drag";

/** The name of the choice of how images are enlarged. */
export const kernelField = "kernel";

/** The crops of the case on black, side by side where there are several, in the size they came in or enlarged in whole steps, and below them how they are looked at. */
export function CaseImages({
  shown,
  display,
  keys,
  tools,
}: {
  shown: Pick<ReadingCase, "crops" | "condition">;
  display: Display;
  /** The reader's own. */
  keys: Keys<ReadingDeed>;
  /** Whether the buttons are in sight on a page that is too narrow for them beside the form. */
  tools: { open: boolean; onToggle: () => void };
}) {
  const t = useTranslations("reading.case");
  const toolsId = useId();
  const { crops } = shown;
  const { zoom, kernel, window: greys, inverted, act } = display;
  const line = lineOf(greys, inverted);
  // A name for each window: some browsers draw what a changed filter of the same name made before.
  const filter = `greys-${greys.width}-${greys.level}-${inverted}`;
  const drag = useWindowDrag(display);
  const doing = (deed: keyof Display["act"]) => ({
    onClick: act[deed],
    "aria-keyshortcuts": shortcutsOf(keys, deed),
  });

  return (
    <div className="grid min-h-72 content-start bg-image lg:grid-rows-[1fr_auto] lg:content-stretch">
      {line ? (
        <svg aria-hidden="true" className="absolute size-0">
          <filter id={filter} colorInterpolationFilters="sRGB">
            <feComponentTransfer>
              <feFuncR type="linear" {...line} />
              <feFuncG type="linear" {...line} />
              <feFuncB type="linear" {...line} />
            </feComponentTransfer>
          </filter>
        </svg>
      ) : null}
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an enlarged image is scrolled with the arrow keys.
        tabIndex={0}
        aria-label={t("images")}
        className="flex flex-wrap content-center-safe items-end justify-center-safe gap-4 overflow-auto p-2 sm:p-4"
        {...drag}
      >
        {crops.map(({ plane, image, width, height }) => (
          <figure key={plane} className="grid justify-items-center gap-1">
            <CropImage
              image={image}
              alt={t("alt", { plane })}
              {...{ width, height, zoom, kernel }}
              filter={line ? `url("#${filter}")` : undefined}
              onCanvas={!shown.condition.shows.includes("size")}
            />
            {crops.length > 1 ? <figcaption className="text-soft text-sm">{plane}</figcaption> : null}
          </figure>
        ))}
      </section>
      <div className="grid justify-items-center gap-1 p-2 text-soft text-sm">
        <div className="flex min-h-11 items-center gap-2 lg:min-h-5">
          <p role="status" className="numbers text-center" data-testid="window">
            {t(line === null ? "asStored" : inverted ? "windowInverted" : "window", { ...greys })}
          </p>
          <Tool className="lg:hidden" aria-expanded={tools.open} aria-controls={toolsId} onClick={tools.onToggle}>
            {t("tools")}
          </Tool>
        </div>
        <div id={toolsId} className={cn("grid justify-items-center gap-1 lg:grid", !tools.open && "max-lg:hidden")}>
          <fieldset className="flex flex-wrap items-center justify-center gap-1">
            <legend className="sr-only">{t("greys")}</legend>
            {(["narrower", "wider", "lighter", "darker"] as const).map((deed) => (
              <Tool key={deed} {...doing(deed)}>
                {t(`deed.${deed}`)}
              </Tool>
            ))}
            <Tool aria-pressed={inverted} {...doing("invert")}>
              {t("deed.invert")}
            </Tool>
            <Tool disabled={line === null} {...doing("reset")}>
              {t("deed.reset")}
            </Tool>
          </fieldset>
          <div className="flex flex-wrap items-center justify-center gap-x-4 gap-y-1">
            <div className="flex items-center gap-1">
              <Tool aria-label={t("deed.zoomOut")} {...doing("zoomOut")} disabled={!display.mayZoom.out}>
                −
              </Tool>
              <span className="numbers w-12 text-center">{zoom}×</span>
              <Tool aria-label={t("deed.zoomIn")} {...doing("zoomIn")} disabled={!display.mayZoom.in}>
                +
              </Tool>
            </div>
            <fieldset className="flex flex-wrap items-center justify-center gap-x-3">
              <legend className="sr-only">{t("kernels")}</legend>
              {kernels.map((each) => (
                <label key={each} className="flex min-h-11 items-center gap-2">
                  <input
                    type="radio"
                    name={kernelField}
                    className="accent-accent"
                    checked={kernel === each}
                    onChange={() => display.setKernel(each)}
                  />
                  {t(`kernel.${each}`)}
                </label>
              ))}
            </fieldset>
          </div>
        </div>
      </div>
    </div>
  );
}

/** Pressed by mouse it leaves the focus where it was, so that Enter still submits. */
function Tool({ className, ...props }: ComponentProps<typeof Button>) {
  return (
    <Button
      kind="quiet"
      className={cn(
        "min-h-11 min-w-11 px-2 text-soft text-sm aria-pressed:bg-accent-soft aria-pressed:text-text",
        className,
      )}
      onMouseDown={(event) => event.preventDefault()}
      {...props}
    />
  );
}
