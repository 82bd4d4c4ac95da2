import { useCallback, useEffect } from "react";
import { mostTimesHidden, pointers, type ReadDisplay, readDisplay } from "@/core/reading/display";
import type { Display } from "./use-display";
import { keyOf, type Place } from "./use-draft";

/**
 * How this case was looked at, for its read: how often the page went out of sight meanwhile, and what was pressed last, also before a reload.
 * @returns with what is set at the images; undefined where a browser says of its screen what none has: no read is lost for that
 */
export function useSeen(place: Place): (display: Display) => ReadDisplay | undefined {
  const own = keyOf(place);
  const key = `${own}hidden`;
  const pressed = `${own}pointer`;
  useEffect(() => {
    const turn = () => {
      if (document.visibilityState === "hidden") sessionStorage.setItem(key, String(timesOf(key) + 1));
    };
    const press = ({ pointerType }: PointerEvent) => {
      if (isPointer(pointerType)) sessionStorage.setItem(pressed, pointerType);
    };
    document.addEventListener("visibilitychange", turn);
    window.addEventListener("pointerdown", press, { passive: true });
    return () => {
      document.removeEventListener("visibilitychange", turn);
      window.removeEventListener("pointerdown", press);
    };
  }, [key, pressed]);
  return useCallback(
    ({ zoom, kernel, window: greys, inverted, isWindowAsStored }) => {
      const pointer = sessionStorage.getItem(pressed);
      return readDisplay.safeParse({
        ...{ zoom, kernel, inverted },
        window: isWindowAsStored ? null : greys,
        hidden: Math.min(mostTimesHidden, timesOf(key)),
        screen: { width: Math.round(window.screen.width), height: Math.round(window.screen.height) },
        pixelRatio: Math.round(100 * window.devicePixelRatio),
        pointer: isPointer(pointer) ? pointer : null,
      }).data;
    },
    [key, pressed],
  );
}

const isPointer = (text: string | null): text is (typeof pointers)[number] => pointers.some((each) => each === text);
const timesOf = (key: string) => Number(sessionStorage.getItem(key) ?? 0);
