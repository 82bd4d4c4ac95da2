"use client";

import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { Button } from "@/app/_components/button";
import type { ReadingCase } from "@/server/schemas/reading";

/** Below 1 for what comes larger than the page. */
const zooms = [0.125, 0.25, 0.5, 1, 2, 3, 4, 6, 8];
/** Side that a crop fills at first, in CSS pixels, as far as the zoom steps allow. */
const comfortable = 560;

/** The crop on black, in the size it came in or enlarged in whole steps; + and - zoom. */
export function CaseImage({ shown }: { shown: ReadingCase }) {
  const t = useTranslations("reading.case");
  const fitting = zooms.findLastIndex((zoom) => Math.max(shown.width, shown.height) * zoom <= comfortable);
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
    <div className="grid min-h-72 grid-rows-[1fr_auto] bg-image">
      <div className="grid place-items-center-safe overflow-auto p-4">
        <img
          src={`data:image/png;base64,${shown.image}`}
          alt={t("alt", { plane: shown.plane })}
          width={shown.width * zoom}
          height={shown.height * zoom}
          style={{ imageRendering: smooth ? "auto" : "pixelated", maxWidth: "none" }}
          onLoad={() => requestAnimationFrame(() => requestAnimationFrame(() => performance.mark("nodewise:painted")))}
        />
      </div>
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
