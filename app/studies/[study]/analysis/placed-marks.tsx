"use client";

import { usePlotArea } from "recharts";
import { Mark } from "@/app/_components/legend";
import type { Look } from "./parties";

interface PlacedMark extends Look {
  key: string;
  x: number;
  y: number;
  isLit: boolean;
}

/** Marks in a chart over 0..1, whose y axis goes from `lowest` to `highest`; what lies outside is not drawn. */
export function PlacedMarks({
  marks,
  lowest = 0,
  highest = 1,
}: {
  marks: readonly PlacedMark[];
  lowest?: number;
  highest?: number;
}) {
  const plot = usePlotArea();
  if (!plot) return null;
  return (
    <g>
      {marks
        .filter(({ y }) => y >= lowest && y <= highest)
        .toSorted((a, b) => Number(a.isLit) - Number(b.isLit))
        .map(({ key, x, y, series, fill, isLit }) => (
          <g key={key} opacity={isLit ? 1 : 0.15}>
            <Mark
              x={plot.x + x * plot.width}
              y={plot.y + (1 - (y - lowest) / (highest - lowest)) * plot.height}
              {...series}
              fill={fill}
            />
          </g>
        ))}
    </g>
  );
}
