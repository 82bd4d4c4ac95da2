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
