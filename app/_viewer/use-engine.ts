import { useTranslations } from "next-intl";
import { useEffect, useEffectEvent, useState } from "react";
import { holdsInPatient } from "@/core/dicom/spacing";
import { cornerstoneReady } from "./cornerstone";
import { closeEngine, type Engine, openEngine } from "./engine";
import { axesOf, endsOf, pixelAxesOf } from "./frames";
import type { Shown } from "./measured";

/** Cornerstone's engine while the viewer is open. */
export function useEngine(shown: ReadonlyMap<string, Shown>): Engine | null {
  const t = useTranslations("imaging.viewer");
  const [engine, setEngine] = useState<Engine | null>(null);
  const linesOf = useEffectEvent((points: readonly (readonly number[])[], imageId: string) => {
    const [frame, ends] = [shown.get(imageId)?.frame, endsOf(points)];
    if (!frame || !ends) return [];
    if (!holdsInPatient(frame.plane.spacing)) {
      const { long, short } = pixelAxesOf(frame.plane, ends);
      return [long, short].map((length) => t("pixels", { length: length.toFixed(0) }));
    }
    const { long, short } = axesOf(ends);
    return [long, short].map((length) => t("millimetres", { length: length.toFixed(1) }));
  });
  useEffect(() => {
    let own: Engine | undefined;
    let isGone = false;
    void cornerstoneReady().then(() => {
      if (isGone) return;
      own = openEngine({ linesOf: (points, imageId) => linesOf(points, imageId) });
      setEngine(own);
    });
    return () => {
      isGone = true;
      setEngine(null);
      if (own) closeEngine(own);
    };
  }, []);
  return engine;
}
