import { keyBook } from "@/app/_keys/keys";

const keyMap = {
  positive: ["p"],
  negative: ["n"],
  notEvaluable: ["e"],
  zoomIn: ["+", "="],
  zoomOut: ["-"],
  narrower: ["a"],
  wider: ["d"],
  lighter: ["w"],
  darker: ["s"],
  invert: ["i"],
  reset: ["r"],
  kernel: ["k"],
  correct: ["c"],
  help: ["?"],
} as const satisfies Record<string, readonly string[]>;

export type ReadingDeed = keyof typeof keyMap;

/** The keys of the reading room. */
export const readingKeys = keyBook<ReadingDeed>({
  name: "reading_keys",
  keyMap,
  // Of the browser, of criteria and ratings, of confidence, and the one that submits.
  standing: [
    ...["Escape", "Tab", "Enter", " ", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"],
    ...Array.from({ length: 10 }, (_, digit) => String(digit)),
  ],
});
