"use client";

import { useTranslations } from "next-intl";
import { Figure } from "@/app/_components/figure";
import { useFormat } from "@/app/_i18n/format";
import { truthColours } from "@/core/figures/series";
import type { UnitFigureProps } from "./figure-props";
import { useNames } from "./names";
import { countedOf } from "./parties";

const cell = 44;
const [left, top] = [22, 34];

/** Calls against pathology, a square a party; the deeper a cell, the greater its share of the images of that truth. */
export function ConfusionMatrices({ comparison, ...marked }: UnitFigureProps) {
  const t = useTranslations("analysis");
  const names = useNames(comparison);
  const { list } = useFormat();
  const { rows } = comparison;
  const [width, height] = [left + 2 * cell + 6, top + 2 * cell + 6];
  return (
    <Figure
      title={t("confusion.title")}
      n={t("roc.n", countedOf(comparison))}
      caption={t("confusion.caption", { unit: countedOf(comparison).unit })}
      summary={list(
        rows.map(({ tp, fn, tn, fp, ...party }) => t("confusion.row", { name: names.both(party), tp, fn, tn, fp })),
        "apart",
      )}
      {...marked}
      table={{
        head: [t("table.reader"), t("table.tp"), t("table.fn"), t("table.tn"), t("table.fp")],
        rows: rows.map((row) => [names.both(row), row.tp, row.fn, row.tn, row.fp]),
      }}
    >
      <div className="flex flex-wrap gap-x-5 gap-y-3">
        {rows.map((row) => {
          const { tp, fn, tn, fp } = row;
          // Columns: what pathology found; rows: the call.
          const cells = [
            { count: tp, of: tp + fn, truth: "positive", x: 0, y: 0 },
            { count: fp, of: tn + fp, truth: "negative", x: 1, y: 0 },
            { count: fn, of: tp + fn, truth: "positive", x: 0, y: 1 },
            { count: tn, of: tn + fp, truth: "negative", x: 1, y: 1 },
          ] as const;
          return (
            <div key={names.both(row)} className="max-w-36">
              <p className="text-sm">{names.both(row)}</p>
              <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="presentation">
                <text x={left + cell} y={12} textAnchor="middle" fontSize={11} fill="var(--text-soft)">
                  {t("confusion.pathology")}
                </text>
                {["+", "−"].map((sign, at) => (
                  <g key={sign} fontSize={12} fill="var(--text-soft)" textAnchor="middle">
                    <text x={left + (at + 0.5) * cell} y={top - 6}>
                      {sign}
                    </text>
                    <text x={left - 11} y={top + (at + 0.5) * cell + 4}>
                      {sign}
                    </text>
                  </g>
                ))}
                {cells.map(({ count, of, truth, x, y }) => (
                  <g key={`${x} ${y}`}>
                    <rect
                      x={left + x * cell}
                      y={top + y * cell}
                      width={cell - 2}
                      height={cell - 2}
                      fill={truthColours[truth]}
                      fillOpacity={of === 0 ? 0 : 0.06 + 0.4 * (count / of)}
                      stroke="var(--line-strong)"
                      strokeWidth={x === y ? 1.6 : 0.6}
                    />
                    <text
                      x={left + (x + 0.5) * cell - 1}
                      y={top + (y + 0.5) * cell + 4}
                      textAnchor="middle"
                      fontSize={13}
                      fontWeight={x === y ? 600 : 400}
                      fill="var(--text)"
                    >
                      {count}
                    </text>
                  </g>
                ))}
              </svg>
            </div>
          );
        })}
      </div>
    </Figure>
  );
}
