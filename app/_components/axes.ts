const ink = { fontSize: 12 } as const;

/** How the axes of every chart are drawn. */
export const axis = { ...ink, stroke: "var(--text-soft)" } as const;

/** What the x axis shows, with its unit. */
export const below = (value: string) => ({ ...ink, value, fill: "var(--text-soft)", position: "bottom" }) as const;

/** What the y axis shows, with its unit. */
export const beside = (value: string) =>
  ({
    ...ink,
    value,
    fill: "var(--text-soft)",
    angle: -90,
    position: "insideLeft",
    style: { textAnchor: "middle" },
  }) as const;

/** Whole steps of 1, 2 or 5 times a power of ten from 0 up to the first that holds `most`: four to six of them. */
export function roundTicks(most: number): number[] {
  const rough = Math.max(most, Number.MIN_VALUE) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((each) => each * power >= rough) ?? 10) * power;
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, at) => Number((at * step).toPrecision(12)));
}
