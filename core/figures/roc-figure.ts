import type { RocEntry } from "../stats/comparison/compare-readers";
import { type ConditionStyle, outlineOf, type Series } from "./series";
import { drawing, element, ink, label, line, pathThrough, widthOf } from "./svg";

interface DrawnRoc extends Pick<RocEntry, "point" | "curve" | "band"> {
  name: string;
  /** Of a footnote, raised behind the name; empty: none. */
  footnote: string;
  series: Series;
  style: ConditionStyle;
  /** Drawn thicker: the network's. */
  heavy: boolean;
}

/** Calls as marks with their crosses, ratings and scores as curves, the network's with its band; equal axes, chance dashed. */
export function rocFigure(options: {
  entries: readonly DrawnRoc[];
  axes: { x: string; y: string };
  font: string;
  mark: string | null;
}): { svg: string; width: number; height: number } {
  const { entries } = options;
  const width = 590;
  const plot = { x: 56, y: 24, size: 330 };
  const height = Math.max(plot.y + plot.size + 46, plot.y + 20 + entries.length * 18);
  const at = (fpr: number, tpr: number) => ({ x: plot.x + fpr * plot.size, y: plot.y + (1 - tpr) * plot.size });
  const ticks = Array.from({ length: 11 }, (_, i) => i / 10);
  const mark = ({ series, style }: DrawnRoc, { x, y }: { x: number; y: number }) =>
    element("path", {
      d: outlineOf(series.shape, x, y, 5),
      fill: style.fill === "full" ? series.colour : ink.paper,
      stroke: series.colour,
      "stroke-width": 1.6,
    }) + (style.fill === "dot" ? element("circle", { cx: x, cy: y, r: 1.6, fill: series.colour }) : "");
  const place = ({ point: { fpr, tpr } }: DrawnRoc) =>
    fpr.estimate === null || tpr.estimate === null ? null : at(fpr.estimate, tpr.estimate);
  const parts = [
    ...ticks.flatMap((tick) => [
      line(at(tick, 0), at(tick, 1), { stroke: ink.grid }),
      line(at(0, tick), at(1, tick), { stroke: ink.grid }),
    ]),
    ...ticks
      .filter((_, i) => i % 2 === 0)
      .flatMap((tick) => [
        label(tick.toFixed(1), { x: at(tick, 0).x, y: at(0, 0).y + 15, size: 10, anchor: "middle", fill: ink.soft }),
        label(tick.toFixed(1), { x: plot.x - 6, y: at(0, tick).y + 4, size: 10, anchor: "end", fill: ink.soft }),
      ]),
    line(at(0, 0), at(1, 1), { stroke: ink.line, dash: "5 4" }),
    ...entries.flatMap(({ band, series }) =>
      band
        ? [
            element("path", {
              d: `${pathThrough([
                ...band.points.map(({ fpr, lower }) => at(fpr, lower)),
                ...band.points.toReversed().map(({ fpr, upper }) => at(fpr, upper)),
              ])}Z`,
              fill: series.colour,
              "fill-opacity": 0.15,
            }),
          ]
        : [],
    ),
    ...entries.map((entry) =>
      entry.curve.length > 0
        ? element("path", {
            d: pathThrough(entry.curve.map(({ fpr, tpr }) => at(fpr, tpr))),
            fill: "none",
            stroke: entry.series.colour,
            "stroke-width": entry.heavy ? 2.6 : 1.2,
            "stroke-dasharray": entry.style.dash,
            "stroke-linejoin": "round",
          })
        : "",
    ),
    ...entries.flatMap(({ point: { fpr, tpr }, series }) => {
      if (fpr.estimate === null || tpr.estimate === null) return [];
      const look = { stroke: series.colour, width: 1 };
      return [
        ...(fpr.lower !== null && fpr.upper !== null
          ? [line(at(fpr.lower, tpr.estimate), at(fpr.upper, tpr.estimate), look)]
          : []),
        ...(tpr.lower !== null && tpr.upper !== null
          ? [line(at(fpr.estimate, tpr.lower), at(fpr.estimate, tpr.upper), look)]
          : []),
      ];
    }),
    ...entries.map((entry) => {
      const here = place(entry);
      return here ? mark(entry, here) : "";
    }),
    element("rect", { x: plot.x, y: plot.y, width: plot.size, height: plot.size, fill: "none", stroke: ink.line }),
    label(options.axes.x, { x: plot.x + plot.size / 2, y: plot.y + plot.size + 34, anchor: "middle" }),
    label(options.axes.y, { x: 16, y: plot.y + plot.size / 2, anchor: "middle", turned: true }),
    ...entries.map((entry, i) => {
      const y = plot.y + 20 + i * 18;
      const x = plot.x + plot.size + 18;
      return (
        line(
          { x, y: y - 4 },
          { x: x + 26, y: y - 4 },
          {
            stroke: entry.curve.length > 0 ? entry.series.colour : "none",
            width: entry.heavy ? 2.6 : 1.2,
            dash: entry.style.dash,
          },
        ) +
        mark(entry, { x: x + 13, y: y - 4 }) +
        label(entry.name, { x: x + 34, y, size: 10.5 }) +
        (entry.footnote ? label(entry.footnote, { x: x + 37 + widthOf(entry.name, 10.5), y: y - 3, size: 7 }) : "")
      );
    }),
  ];
  return { svg: drawing({ width, height, font: options.font, mark: options.mark }, parts), width, height };
}
