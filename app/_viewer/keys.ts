import { isTyped } from "@/app/_keys/is-typed";
import { keyBook } from "@/app/_keys/keys";

const keyMap = {
  previous: ["ArrowUp"],
  next: ["ArrowDown"],
  fiveBack: ["PageUp"],
  fiveOn: ["PageDown"],
  first: ["Home"],
  last: ["End"],
  cine: ["c"],
  paneBefore: ["ArrowLeft"],
  paneAfter: ["ArrowRight"],
  zoomIn: ["+", "="],
  zoomOut: ["-"],
  actualSize: ["0"],
  asSent: ["1"],
  wholeRange: ["2"],
  narrower: ["3"],
  wider: ["4"],
  invert: ["i"],
  turn: ["t"],
  mirror: ["h"],
  reset: ["r"],
  scroll: ["s"],
  window: ["w"],
  pan: ["p"],
  zoom: ["z"],
  measure: ["m"],
  lay: ["l"],
  remove: ["Delete", "Backspace"],
  save: ["a"],
  place: ["b"],
  cut: ["x"],
  undo: ["u"],
  beside: ["o"],
  nextExam: ["n"],
  help: ["?"],
} as const satisfies Record<string, readonly string[]>;

export type Deed = keyof typeof keyMap;

/** The keys of the viewer. */
export const viewerKeys = keyBook<Deed>({
  name: "viewer_keys",
  keyMap,
  // Of the browser, of what is in hand (`axesOfKey`), or of the dialog.
  standing: ["Escape", "Tab", "Enter", " ", ",", "."],
});

/** The edge of the crop that Shift (right, bottom) or Alt (left, top) and an arrow move, and by how many pixels. */
export function edgeOfKey(event: KeyboardEvent): { edge: "left" | "top" | "right" | "bottom"; by: number } | undefined {
  if (isTyped(event.target) || event.shiftKey === event.altKey || event.ctrlKey || event.metaKey) return undefined;
  const across = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (across !== undefined) return { edge: event.shiftKey ? "right" : "left", by: across };
  const down = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  return down === undefined ? undefined : { edge: event.shiftKey ? "bottom" : "top", by: down };
}

const degreesAStep = 5;

/** What a key does to axes: in pixels of the image, or degrees. */
export type AxesChange = { across: number; down: number } | { longer: "long" | "short"; by: number } | { turn: number };

/** Shift and an arrow move both axes; Alt and one up or down make the long axis longer or shorter, across the short one; comma and full stop turn them. */
export function axesOfKey(event: KeyboardEvent): AxesChange | undefined {
  if (isTyped(event.target) || event.ctrlKey || event.metaKey) return undefined;
  if (!event.shiftKey && !event.altKey) {
    const turn = { ",": -degreesAStep, ".": degreesAStep }[event.key];
    return turn === undefined ? undefined : { turn };
  }
  if (event.shiftKey && event.altKey) return undefined;
  const across = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const down = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (event.shiftKey)
    return across === undefined && down === undefined ? undefined : { across: across ?? 0, down: down ?? 0 };
  if (down !== undefined) return { longer: "long", by: -down };
  return across === undefined ? undefined : { longer: "short", by: across };
}
