import { useCallback, useEffect, useRef } from "react";
import { mostTimesHidden, pointers, type ReadDisplay, readDisplay } from "@/core/reading/display";
import type { Display } from "./use-display";
import { keyOf, type Place } from "./use-draft";

/**
 * How this case was looked at, for its read: how often the page went out of sight meanwhile (also before a reload), and what was pressed last.
 * @returns with what is set at the images; undefined where a browser says of its screen what none has: no read is lost for that
 */
export function useSeen(place: Place): (display: Display) => ReadDisplay | undefined {
  const key = `${keyOf(place)}hidden`;
  const pointer = useRef<ReadDisplay["pointer"]>(null);
  useEffect(() => {
    const turn = () => {
      if (document.visibilityState === "hidden") sessionStorage.setItem(key, String(timesOf(key) + 1));
    };
    const press = ({ pointerType }: PointerEvent) => {
      pointer.current = pointers.find((each) => each === pointerType) ?? pointer.current;
    };
    document.addEventListener("visibilitychange", turn);
    window.addEventListener("pointerdown", press, { passive: true });
    return () => {
      document.removeEventListener("visibilitychange", turn);
      window.removeEventListener("pointerdown", press);
    };
  }, [key]);
  return useCallback(
    ({ zoom, kernel, window: greys, inverted, isWindowAsStored }) =>
      readDisplay.safeParse({
        ...{ zoom, kernel, inverted },
        window: isWindowAsStored ? null : greys,
        hidden: Math.min(mostTimesHidden, timesOf(key)),
        screen: { width: Math.round(window.screen.width), height: Math.round(window.screen.height) },
        pixelRatio: Math.round(1000 * window.devicePixelRatio) / 1000,
        pointer: pointer.current,
      }).data,
    [key],
  );
}

const timesOf = (key: string) => Number(sessionStorage.getItem(key) ?? 0);
