import { type MouseEvent, type PointerEvent, useRef } from "react";
import type { GreyWindow } from "@/core/reading/display";
import type { Display } from "./use-display";

/** CSS pixels that a press moves before it is a drag: a hand that clicks trembles. */
const tremor = 3;
const buttons = [0, 2];

/**
 * A mouse that is dragged over an image sets the window, as in the viewer; a double click sets it back. A finger and a pen scroll.
 * @returns the handlers of what the images lie in
 */
export function useWindowDrag({ window, drag, act }: Display) {
  const begun = useRef<{ x: number; y: number; from: GreyWindow; moves: boolean } | null>(null);
  const end = () => {
    begun.current = null;
  };
  const isImage = ({ target }: MouseEvent) => target instanceof HTMLImageElement;
  return {
    onPointerDown(event: PointerEvent) {
      const image = event.target;
      if (event.pointerType !== "mouse" || !buttons.includes(event.button) || !(image instanceof HTMLImageElement))
        return;
      // By the image itself: a double click is one on it then, too.
      image.setPointerCapture(event.pointerId);
      begun.current = { x: event.clientX, y: event.clientY, from: window, moves: false };
    },
    onPointerMove(event: PointerEvent) {
      const press = begun.current;
      if (!press) return;
      const [across, down] = [event.clientX - press.x, event.clientY - press.y];
      press.moves ||= Math.hypot(across, down) > tremor;
      if (press.moves) drag(press.from, { across, down });
    },
    onPointerUp: end,
    onPointerCancel: end,
    // The focus stays where it was: in a reason that is being written, or at the form.
    onMouseDown: (event: MouseEvent) => isImage(event) && event.preventDefault(),
    onDoubleClick: (event: MouseEvent) => isImage(event) && act.reset(),
    // The right button is the window's, not the browser's.
    onContextMenu: (event: MouseEvent) => event.preventDefault(),
  };
}
