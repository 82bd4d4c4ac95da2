import { useState } from "react";
import { draggedWindow, isAsStored, nearestWindow, widthStep } from "@/app/_lib/grey-window";
import { type GreyWindow, kernels, type ReadDisplay, windowAsStored, zooms } from "@/core/reading/display";
import type { ReadingCase } from "@/server/schemas/reading";

/** Side that a crop fills at first, in CSS pixels, as far as the zoom steps allow: alone, and beside others. */
const comfortable = { alone: 600, beside: 336 };
/** Left and right of the images, in CSS pixels. */
const margins = 32;
/** Width of the form where it stands beside the images (`case-view.tsx`), in CSS pixels. */
function formBeside(): number {
  const { innerWidth, innerHeight } = globalThis;
  if (innerWidth >= 1024) return 384;
  return innerWidth >= 640 && innerWidth > innerHeight ? 320 : 0;
}
/** Of the level, in grey levels. */
const levelStep = 8;

/** How images are enlarged, as their reader chose it for all cases. */
export type Enlarging = { kernel: ReadDisplay["kernel"]; setKernel: (kernel: ReadDisplay["kernel"]) => void };

/** How the images of one case are looked at: at first as they are stored, whatever was set at the case before, but for the kernel. */
export function useDisplay({ crops }: Pick<ReadingCase, "crops">, { kernel, setKernel }: Enlarging) {
  const [step, setStep] = useState(() => {
    const largest = Math.max(...crops.flatMap(({ width, height }) => [width, height]));
    const side = Math.min(
      crops.length > 1 ? comfortable.beside : comfortable.alone,
      globalThis.innerWidth - formBeside() - margins,
      globalThis.innerHeight,
    );
    return Math.max(
      0,
      zooms.findLastIndex((zoom) => largest * zoom <= side),
    );
  });
  const [window, setWindow] = useState(windowAsStored);
  const [inverted, setInverted] = useState(false);
  const widen = (by: number) => setWindow((now) => nearestWindow({ ...now, width: now.width * by }));
  /** Inverted, a higher level is lighter. */
  const darken = (by: number) =>
    setWindow((now) => nearestWindow({ ...now, level: now.level + (inverted ? -by : by) }));
  return {
    zoom: zooms[step] ?? 1,
    kernel,
    window,
    inverted,
    isWindowAsStored: isAsStored(window),
    mayZoom: { in: step < zooms.length - 1, out: step > 0 },
    setKernel,
    drag: (from: GreyWindow, by: { across: number; down: number }) => setWindow(draggedWindow(from, by)),
    /** What a key or a button does. */
    act: {
      zoomIn: () => setStep((now) => Math.min(zooms.length - 1, now + 1)),
      zoomOut: () => setStep((now) => Math.max(0, now - 1)),
      narrower: () => widen(1 / widthStep),
      wider: () => widen(widthStep),
      lighter: () => darken(-levelStep),
      darker: () => darken(levelStep),
      invert: () => setInverted((now) => !now),
      reset: () => {
        setWindow(windowAsStored);
        setInverted(false);
      },
      kernel: () => setKernel(kernels[(kernels.indexOf(kernel) + 1) % kernels.length] ?? kernel),
    },
  };
}
export type Display = ReturnType<typeof useDisplay>;
