import { drawing, element, ink, label, line, widthOf } from "./svg";

export interface ForestRow {
  name: string;
  /** Null: not estimable. */
  estimate: number | null;
  lower: number | null;
  upper: number | null;
  /** "−0.03 (−0.08 to 0.02)" */
  text: string;
  /** Of a footnote, raised behind the text; empty: none. */
  mark: string;
  colour: string;
  /** The planned one: drawn as a diamond. */
  primary?: boolean;
}

/** Estimates with their intervals on one axis, with the line of no difference and, where there is one, the margin of non-inferiority. */
export function forestFigure(options: {
  rows: readonly ForestRow[];
  axis: string;
  /** Draws ticks in the unit of the axis. */
  tick: (value: number) => string;
  margin: number | null;
  marginLabel: string;
  font: string;
  mark: string | null;
}): { svg: string; width: number; height: number } {
  const { rows, margin } = options;
  const width = 590;
  const plot = { left: 262, right: 444, top: 26 };
  const step = 22;
  const bottom = plot.top + rows.length * step + 4;
  const reach = Math.max(
    0.01,
    ...rows.flatMap(({ estimate, lower, upper }) => [estimate, lower, upper].map((value) => Math.abs(value ?? 0))),
    margin ?? 0,
  );
  const edge = niceEdge(reach);
  const x = (value: number) => plot.left + ((value + edge) / (2 * edge)) * (plot.right - plot.left);
  const ticks = [-edge, -edge / 2, 0, edge / 2, edge];
  const parts = [
    ...ticks.map((value) =>
      line({ x: x(value), y: plot.top }, { x: x(value), y: bottom }, { stroke: value === 0 ? ink.text : ink.grid }),
    ),
    ...ticks.map((value) =>
      label(options.tick(value), { x: x(value), y: bottom + 14, size: 10, anchor: "middle", fill: ink.soft }),
    ),
    line({ x: plot.left, y: bottom }, { x: plot.right, y: bottom }, { stroke: ink.line }),
    label(options.axis, { x: (plot.left + plot.right) / 2, y: bottom + 30, size: 10.5, anchor: "middle" }),
    ...(margin === null
      ? []
      : [
          line({ x: x(-margin), y: plot.top }, { x: x(-margin), y: bottom }, { stroke: ink.accent, dash: "4 3" }),
          label(options.marginLabel, { x: x(-margin), y: plot.top - 6, size: 9.5, anchor: "middle", fill: ink.accent }),
        ]),
    ...rows.map((row, at) => {
      const y = plot.top + (at + 0.5) * step;
      const { estimate, lower, upper, colour } = row;
      const name = fitted(row.name, plot.left - 12, 10);
      return [
        label(name, { x: 6, y: y + 4, size: 10, bold: row.primary === true }),
        label(row.text, {
          ...{ x: width - 6 - widthOf(row.mark, markSize), y: y + 4 },
          ...{ size: 10, anchor: "end", bold: row.primary === true },
        }),
        row.mark ? label(row.mark, { x: width - 6, y: y + 1, size: markSize, anchor: "end" }) : "",
        lower === null || upper === null
          ? ""
          : line({ x: x(lower), y }, { x: x(upper), y }, { stroke: colour, width: 1.6 }),
        estimate === null
          ? ""
          : row.primary
            ? element("path", { d: `M${x(estimate)} ${y - 6}l6 6l-6 6l-6 -6z`, fill: colour })
            : element("rect", { x: x(estimate) - 3.5, y: y - 3.5, width: 7, height: 7, fill: colour }),
      ].join("");
    }),
  ];
  const height = bottom + 40;
  return { svg: drawing({ width, height, font: options.font, mark: options.mark }, parts), width, height };
}

const markSize = 7;

/** The next of 1, 2, 4, 5 and 10 times a power of ten. */
function niceEdge(reach: number): number {
  const power = 10 ** Math.floor(Math.log10(reach));
  return ([1, 2, 4, 5, 10].find((step) => step * power >= reach * 1.02) ?? 10) * power;
}

function fitted(text: string, width: number, size: number): string {
  if (widthOf(text, size) <= width) return text;
  const letters = [...text];
  while (letters.length > 1 && widthOf(`${letters.join("")}…`, size) > width) letters.pop();
  return `${letters.join("")}…`;
}
