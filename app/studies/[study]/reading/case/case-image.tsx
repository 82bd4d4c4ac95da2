"use client";

import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { Button } from "@/app/_components/button";
import type { ReadingCase } from "@/server/schemas/reading";

/** Below 1 for what comes larger than the page. */
const zooms = [0.125, 0.25, 0.5, 1, 2, 3, 4, 6, 8];
/** Side that a crop fills at first, in CSS pixels, as far as the zoom steps allow: alone, and beside others. */
const comfortable = { alone: 600, beside: 336 };

/** The crops of the case on black, side by side where there are several, in the size they came in or enlarged in whole steps; + and - zoom. */
export function CaseImages({ shown }: { shown: ReadingCase }) {
  const t = useTranslations("reading.case");
  const { crops } = shown;
  const largest = Math.max(...crops.flatMap(({ width, height }) => [width, height]));
  const side = crops.length > 1 ? comfortable.beside : comfortable.alone;
  const fitting = zooms.findLastIndex((zoom) => largest * zoom <= side);
  const [step, setStep] = useState(Math.max(0, fitting));
  const [smooth, setSmooth] = useState(true);
  const zoom = zooms[step] ?? 1;

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLTextAreaElement || event.ctrlKey || event.metaKey) return;
      if (event.key === "+") setStep((now) => Math.min(zooms.length - 1, now + 1));
      if (event.key === "-") setStep((now) => Math.max(0, now - 1));
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);

  return (
    <div className="grid min-h-72 grid-rows-[1fr_auto_auto] bg-image">
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an enlarged image is scrolled with the arrow keys.
        tabIndex={0}
        aria-label={t("images")}
        className="flex flex-wrap content-center-safe items-end justify-center-safe gap-4 overflow-auto p-4"
      >
        {crops.map(({ plane, image, width, height }) => (
          <figure key={plane} className="grid justify-items-center gap-1">
            <img
              src={`data:image/png;base64,${image}`}
              alt={t("alt", { plane })}
              width={width * zoom}
              height={height * zoom}
              style={{ imageRendering: smooth ? "auto" : "pixelated", maxWidth: "none" }}
              {...{ elementtiming: "case" }}
            />
            {crops.length > 1 ? <figcaption className="text-soft text-sm">{plane}</figcaption> : null}
          </figure>
        ))}
      </section>
      {shown.condition.shows.includes("size") ? null : (
        <p className="px-4 text-center text-soft text-sm" data-testid="one-canvas">
          {t("oneCanvas")}
        </p>
      )}
      <div className="flex items-center justify-center gap-1 p-2 text-soft">
        <Button
          kind="quiet"
          className="text-soft"
          aria-label={`${t("zoom")} −`}
          onClick={() => setStep(Math.max(0, step - 1))}
          disabled={step === 0}
        >
          −
        </Button>
        <span className="numbers w-12 text-center text-sm">{zoom}×</span>
        <Button
          kind="quiet"
          className="text-soft"
          aria-label={`${t("zoom")} +`}
          onClick={() => setStep(Math.min(zooms.length - 1, step + 1))}
          disabled={step === zooms.length - 1}
        >
          +
        </Button>
        <Button kind="quiet" className="text-soft" aria-pressed={smooth} onClick={() => setSmooth(!smooth)}>
          {t("smooth")} {smooth ? "✓" : ""}
        </Button>
      </div>
    </div>
  );
}
