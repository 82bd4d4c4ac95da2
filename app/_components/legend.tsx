"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import { type ConditionStyle, outlineOf, type Shape } from "@/core/figures/series";
import { Button } from "./button";

export interface LegendItem {
  key: string;
  name: string;
  /** Of `LegendMark`. */
  mark: ReactNode;
  /** Its numbers, said while it is looked at alone. */
  says?: string | undefined;
}

/** The item that a person looks at alone: pointed at with mouse or keyboard, or chosen by a click. */
export interface Highlight {
  shown: string | null;
  chosen: string | null;
  point: (key: string | null) => void;
  choose: (key: string) => void;
}

export function useHighlight(): Highlight {
  const [pointed, point] = useState<string | null>(null);
  const [chosen, choose] = useState<string | null>(null);
  return {
    shown: pointed ?? chosen,
    chosen,
    point,
    choose: (key) => {
      point(null);
      choose(key === chosen ? null : key);
    },
  };
}

/** What the marks of a figure mean; with a highlight each is a button that shows its series alone and says its numbers. */
export function Legend({ items, highlight }: { items: readonly LegendItem[]; highlight?: Highlight | undefined }) {
  const t = useTranslations("parts.figure");
  return (
    <>
      <ul className="mt-1 flex flex-wrap justify-center gap-x-4 gap-y-0.5 text-sm">
        {items.map(({ key, name, mark }) => (
          <li key={key} className="flex items-center gap-1.5">
            {highlight ? (
              <Button
                kind="quiet"
                className="min-h-7 gap-1.5 px-1.5 py-0 font-normal text-sm aria-pressed:bg-raised"
                aria-pressed={highlight.chosen === key}
                onClick={() => highlight.choose(key)}
                onPointerEnter={({ pointerType }) => pointerType === "mouse" && highlight.point(key)}
                onPointerLeave={() => highlight.point(null)}
                onFocus={({ currentTarget }) => currentTarget.matches(":focus-visible") && highlight.point(key)}
                onBlur={() => highlight.point(null)}
              >
                {mark}
                {name}
              </Button>
            ) : (
              <>
                {mark}
                {name}
              </>
            )}
          </li>
        ))}
      </ul>
      {highlight ? (
        <p aria-live="polite" className="no-print mt-1 min-h-15 text-balance text-center text-soft text-sm sm:min-h-10">
          {items.find(({ key }) => key === highlight.shown)?.says ?? t("hint")}
        </p>
      ) : null}
    </>
  );
}

/** A piece of a line, a mark upon it, or both, as the figure draws them. */
export function LegendMark({
  colour,
  line,
  shape,
  fill = "full",
  band = false,
}: {
  colour: string;
  line?: { width: number; dash?: string | undefined } | undefined;
  shape?: Shape;
  fill?: ConditionStyle["fill"];
  band?: boolean;
}) {
  const width = line ? 28 : 14;
  return (
    <svg width={width} height={14} viewBox={`0 0 ${width} 14`} aria-hidden="true" className="shrink-0">
      {band ? <rect x={0} y={1} width={width} height={12} fill={colour} fillOpacity={0.15} /> : null}
      {line ? <path d={`M0 7H${width}`} stroke={colour} strokeWidth={line.width} strokeDasharray={line.dash} /> : null}
      {shape ? <Mark x={width / 2} y={7} shape={shape} colour={colour} fill={fill} /> : null}
    </svg>
  );
}

/** A mark of a series at a point of a drawing. */
export function Mark({
  x,
  y,
  shape,
  colour,
  fill,
}: {
  x: number;
  y: number;
  shape: Shape;
  colour: string;
  fill: ConditionStyle["fill"];
}) {
  return (
    <>
      <path
        d={outlineOf(shape, x, y, 4.5)}
        fill={fill === "full" ? colour : "var(--surface)"}
        stroke={colour}
        strokeWidth={1.8}
        strokeLinejoin="round"
      />
      {fill === "dot" ? <circle cx={x} cy={y} r={1.4} fill={colour} /> : null}
    </>
  );
}
