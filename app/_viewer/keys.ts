/** What keys do in the viewer, in the order in which its map of the keyboard shows them. */
export const keyMap = {
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
  remove: ["Delete", "Backspace"],
  place: ["b"],
  undo: ["u"],
  nextExam: ["n"],
  help: ["?"],
} as const satisfies Record<string, readonly string[]>;

export type Deed = keyof typeof keyMap;

const deedOf: ReadonlyMap<string, Deed> = new Map(
  Object.entries(keyMap).flatMap(([deed, keys]) => keys.map((key) => [key, deed as Deed] as const)),
);

/** What a key does here; undefined while somebody types, and for keys of the browser. */
export function deedOfKey(event: KeyboardEvent): Deed | undefined {
  const { target } = event;
  const types =
    target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement;
  if (types || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  return deedOf.get(event.key.length === 1 ? event.key.toLowerCase() : event.key);
}

/** The edge of the crop that Shift (right, bottom) or Alt (left, top) and an arrow move, and by how many pixels. */
export function edgeOfKey(event: KeyboardEvent): { edge: "left" | "top" | "right" | "bottom"; by: number } | undefined {
  if (event.shiftKey === event.altKey || event.ctrlKey || event.metaKey) return undefined;
  const across = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (across !== undefined) return { edge: event.shiftKey ? "right" : "left", by: across };
  const down = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  return down === undefined ? undefined : { edge: event.shiftKey ? "bottom" : "top", by: down };
}
