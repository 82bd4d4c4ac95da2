/** One colour a reader, everywhere in the product (Okabe-Ito: safe for colour-blind people, distinct in grey print). */
const readerColours: Record<string, string> = {
  R2: "#0072B2",
  R3: "#D55E00",
  R4: "#CC79A7",
  R5: "#56B4E9",
  R6: "#E69F00",
};
export const networkColour = "#009E73";

export const colourOf = (reader: string): string =>
  reader === "network" ? networkColour : (readerColours[reader] ?? "#CC79A7");

/** The diagonal of a chart over 0..1 by 0..1, as properties of a `ReferenceLine`: chance, or perfect calibration. */
export const diagonal = {
  segment: [
    { x: 0, y: 0 },
    { x: 1, y: 1 },
  ],
  stroke: "var(--line-strong)",
  strokeDasharray: "4 4",
} as const;
