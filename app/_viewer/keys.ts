/** What keys do in the viewer until somebody chooses others, in the order in which its map of the keyboard shows them. */
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

/** The keys of each deed, of one person. */
export type Keys = Readonly<Record<Deed, readonly string[]>>;

/** Keys that belong to the browser, to what is in hand (`axesOfKey`) or to the dialog. */
const standing: readonly string[] = ["Escape", "Tab", "Enter", " ", ",", "."];

const deeds = Object.keys(keyMap) as Deed[];

/** The keys of a person: those that were chosen, and of the others what these left of their own. */
export function keysOf(chosen: Readonly<Record<string, readonly string[]>>): Keys {
  const taken = new Set(deeds.flatMap((deed) => chosen[deed] ?? []));
  const entries = deeds.map((deed) => [deed, chosen[deed] ?? keyMap[deed].filter((key) => !taken.has(key))]);
  return Object.fromEntries(entries);
}

/** The name under which a key is kept: letters are small, whether Shift or Caps Lock is on. */
export const keyOf = ({ key }: Pick<KeyboardEvent, "key">): string => (key.length === 1 ? key.toLowerCase() : key);

/**
 * What stands against a key for a deed: another deed that has it, or that it is none to be chosen; null: nothing.
 */
export function conflictOf(keys: Keys, deed: Deed, key: string): Deed | "standing" | null {
  if (standing.includes(key)) return "standing";
  return deeds.find((other) => other !== deed && keys[other].includes(key)) ?? null;
}

/** What is kept of a person's choice: the deeds whose keys are not their own. */
export const chosenOf = (keys: Keys): Record<string, string[]> =>
  Object.fromEntries(deeds.filter((deed) => isChanged(keys, deed)).map((deed) => [deed, [...keys[deed]]]));

export const isChanged = (keys: Keys, deed: Deed): boolean => keys[deed].join(" ") !== keyMap[deed].join(" ");

/** A key as keyboards have it printed. */
export const printedKey = (key: string): string => printed[key] ?? (key.length === 1 ? key.toUpperCase() : key);
const printed: Readonly<Record<string, string>> = {
  ...{ ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→" },
  Escape: "Esc",
};

/** The key of a deed as a sentence names it. */
export function firstKey(keys: Keys, deed: Deed): string {
  const [first] = keys[deed];
  return first === undefined ? "–" : printedKey(first);
}

/** The keys of a deed as `aria-keyshortcuts` names them. */
export const shortcutsOf = (keys: Keys, deed: Deed): string =>
  keys[deed].map((key) => (key === "+" ? "Plus" : key.length === 1 ? key.toUpperCase() : key)).join(" ");

/** Whether somebody writes or chooses, and the key is that field's. */
const isTyped = ({ target }: KeyboardEvent): boolean =>
  target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement;

/** What a key does here; undefined while somebody types, and for keys of the browser. */
export function deedOfKey(event: KeyboardEvent, keys: Keys): Deed | undefined {
  if (isTyped(event) || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const key = keyOf(event);
  return deeds.find((deed) => keys[deed].includes(key));
}

/** The edge of the crop that Shift (right, bottom) or Alt (left, top) and an arrow move, and by how many pixels. */
export function edgeOfKey(event: KeyboardEvent): { edge: "left" | "top" | "right" | "bottom"; by: number } | undefined {
  if (isTyped(event) || event.shiftKey === event.altKey || event.ctrlKey || event.metaKey) return undefined;
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
  if (isTyped(event) || event.ctrlKey || event.metaKey) return undefined;
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
