/** Okabe-Ito: safe for colour-blind people. In grey two of them look alike, so no series is told by its colour alone. */
const colours = ["#0072B2", "#D55E00", "#CC79A7", "#56B4E9", "#E69F00"];
export const networkColour = "#009E73";
/** Of images by what pathology found; + and − stand beside them. */
export const truthColours = { positive: "#7B3294", negative: "#008837" } as const;

const readerShapes = ["circle", "square", "triangle", "diamond", "wedge"] as const;
export type Shape = (typeof readerShapes)[number] | "star";
export interface Series {
  colour: string;
  shape: Shape;
}

/** The network as a mark among readers. */
export const networkSeries: Series = { colour: networkColour, shape: "star" };

/** Each colour once with each shape. */
const readerSeries: readonly Series[] = readerShapes.flatMap((_, turn) =>
  colours.map((colour, at) => ({ colour, shape: readerShapes[(at + turn) % readerShapes.length] ?? "circle" })),
);
/** The readers of the founding study look the same in every study. */
const houseReaders = ["R2", "R3", "R4", "R5", "R6"];

/** Colour and shape of each reader, in a given order; the 26th looks like the first again. */
export function seriesOf(readers: readonly string[]): ReadonlyMap<string, Series> {
  const taken = new Set(houseReaders.flatMap((reader, at) => (readers.includes(reader) ? [at] : [])));
  const free = readerSeries.filter((_, at) => !taken.has(at));
  let next = 0;
  return new Map(
    readers.map((reader) => {
      const house = houseReaders.indexOf(reader);
      const series = house < 0 ? free[next++ % free.length] : readerSeries[house];
      return [reader, series ?? networkSeries];
    }),
  );
}

/** How a condition looks, whoever reads: hollow and dashed, filled and solid, or dotted through. */
export interface ConditionStyle {
  fill: "hollow" | "full" | "dot";
  dash: string | undefined;
}
const conditionStyles: readonly ConditionStyle[] = [
  { fill: "hollow", dash: "5 3" },
  { fill: "full", dash: undefined },
  { fill: "dot", dash: "1.5 3" },
];

/** The style of each condition of a study, in the order of its protocol; the only one of a study is filled. */
export function conditionStylesOf(conditions: readonly string[]): ReadonlyMap<string, ConditionStyle> {
  const from = conditions.length === 1 ? 1 : 0;
  return new Map(
    conditions.map((condition, at) => [
      condition,
      conditionStyles[(at + from) % conditionStyles.length] ?? { fill: "full", dash: undefined },
    ]),
  );
}

/** The outline of a mark about a point, as the data of a path; about as large for every shape. */
export function outlineOf(shape: Shape, x: number, y: number, radius: number): string {
  const corners = (turns: readonly number[], sizes: readonly number[]) => {
    const points = turns.map((turn, at) => {
      const size = (sizes[at % sizes.length] ?? 1) * radius;
      const angle = 2 * Math.PI * turn - Math.PI / 2;
      return `${(x + size * Math.cos(angle)).toFixed(2)} ${(y + size * Math.sin(angle)).toFixed(2)}`;
    });
    return `M${points.join("L")}Z`;
  };
  switch (shape) {
    case "circle":
      return `M${x - radius} ${y}a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0Z`;
    case "square":
      return corners([1 / 8, 3 / 8, 5 / 8, 7 / 8], [1.25]);
    case "triangle":
      return corners([0, 1 / 3, 2 / 3], [1.3]);
    case "diamond":
      return corners([0, 1 / 4, 1 / 2, 3 / 4], [1.35]);
    case "wedge":
      return corners([1 / 6, 1 / 2, 5 / 6], [1.3]);
    case "star":
      return corners(
        Array.from({ length: 10 }, (_, i) => i / 10),
        [1.6, 0.7],
      );
  }
}

/** The diagonal of a chart over 0..1 by 0..1, as properties of a `ReferenceLine`: chance, or perfect calibration. */
export const diagonal = {
  segment: [
    { x: 0, y: 0 },
    { x: 1, y: 1 },
  ],
  stroke: "var(--line-strong)",
  strokeDasharray: "4 4",
} as const;
