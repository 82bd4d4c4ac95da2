"use client";

import { useTranslations } from "next-intl";
import { roundTicks } from "@/app/_components/axes";
import { Figure } from "@/app/_components/figure";
import { Mark, useHighlight } from "@/app/_components/legend";
import { useFormat } from "@/app/_i18n/format";
import type { ComparisonOutput } from "@/server/schemas/analysis";
import { useNames } from "./names";
import { looksOf } from "./parties";
import { isLit, readerLegend } from "./reader-legend";

const [width, height, left, top, bottom] = [320, 220, 44, 28, 40];

/** How long a read took, and whether that and the right calls changed from the first fifth of a list to the last. */
export function ReadingCourse({ comparison, synthetic }: { comparison: ComparisonOutput; synthetic: boolean }) {
  const t = useTranslations("analysis.course");
  const names = useNames(comparison);
  const { list } = useFormat();
  const highlight = useHighlight();
  const look = looksOf(comparison);
  const { courses } = comparison.figures;
  const timed = courses.filter(({ seconds }) => seconds !== null);
  const ticks = roundTicks(
    Math.max(
      1,
      ...courses.flatMap(({ seconds, parts }) => [seconds?.upper ?? 0, ...parts.map(({ median }) => median ?? 0)]),
    ),
  );
  const longest = ticks.at(-1) ?? 1;
  const rounded = (value: number) => (value < 10 ? value.toFixed(1) : Math.round(value).toString());
  const says = (reader: string) =>
    list(
      timed
        .filter((course) => course.reader === reader)
        .flatMap(({ condition, seconds }) =>
          seconds
            ? [
                t("says", {
                  condition: names.condition(condition),
                  median: rounded(seconds.median),
                  lower: rounded(seconds.lower),
                  upper: rounded(seconds.upper),
                }),
              ]
            : [],
        ),
      "apart",
    );
  const inside = { width: width - left - 12, height: height - top - bottom };
  const x = (part: number) => left + ((part + 0.5) / 5) * inside.width;
  const y = (share: number) => top + (1 - share) * inside.height;
  const row = 18;
  const tall = top + courses.length * row + 40;
  const label = 130;
  const at = (seconds: number) => label + (seconds / longest) * (width - label - 16);
  const ofParts = courses.filter(({ parts }) => parts.length > 0);
  const panel = (
    title: string,
    ticks: readonly (readonly [number, string])[],
    shareOf: (part: ComparisonOutput["figures"]["courses"][number]["parts"][number]) => number | null,
  ) => (
    <svg viewBox={`0 0 ${width} ${height}`} className="h-auto min-w-60 max-w-md flex-1" role="presentation">
      <text x={left + inside.width / 2} y={14} textAnchor="middle" fontSize={12} fontWeight={600} fill="var(--text)">
        {title}
      </text>
      {ticks.map(([share, text]) => (
        <g key={text}>
          <line x1={left} x2={left + inside.width} y1={y(share)} y2={y(share)} stroke="var(--line)" />
          <text x={left - 6} y={y(share) + 4} textAnchor="end" fontSize={11} fill="var(--text-soft)">
            {text}
          </text>
        </g>
      ))}
      {[1, 2, 3, 4, 5].map((part) => (
        <text key={part} x={x(part - 1)} y={height - 24} textAnchor="middle" fontSize={11} fill="var(--text-soft)">
          {part}
        </text>
      ))}
      <text x={left + inside.width / 2} y={height - 6} textAnchor="middle" fontSize={11} fill="var(--text-soft)">
        {t("fifth")}
      </text>
      {ofParts.map(({ parts, ...party }) => {
        const { series, fill } = look(party);
        const points = parts.flatMap((part, i) => {
          const share = shareOf(part);
          return share === null ? [] : [{ x: x(i), y: y(share) }];
        });
        return (
          <g key={names.both(party)} opacity={isLit(highlight, party) ? 1 : 0.12}>
            <polyline
              points={points.map((point) => `${point.x.toFixed(1)},${point.y.toFixed(1)}`).join(" ")}
              fill="none"
              stroke={series.colour}
              strokeWidth={1.4}
              strokeDasharray={fill === "hollow" ? "5 3" : undefined}
            />
            {points.map((point) => (
              <Mark key={point.x} {...point} {...series} fill={fill} />
            ))}
          </g>
        );
      })}
    </svg>
  );
  return (
    <Figure
      title={t("title")}
      n={t("n", { n: courses.reduce((sum, { reads }) => sum + reads, 0) })}
      caption={t("caption")}
      summary={list(
        [...new Set(timed.map(({ reader }) => reader))].map((reader) => t("row", { reader, says: says(reader) })),
        "apart",
      )}
      synthetic={synthetic}
      highlight={highlight}
      legend={readerLegend(comparison, says)}
      table={{
        head: [
          t("who"),
          t("reads"),
          t("timed"),
          t("median"),
          t("lower"),
          t("upper"),
          ...[1, 2, 3, 4, 5].map((part) => t("rightIn", { part })),
        ],
        rows: courses.map(({ reads, seconds, parts, ...party }) => [
          names.both(party),
          reads,
          seconds?.n ?? 0,
          seconds ? rounded(seconds.median) : "–",
          seconds ? rounded(seconds.lower) : "–",
          seconds ? rounded(seconds.upper) : "–",
          ...Array.from({ length: 5 }, (_, part) => {
            const own = parts[part];
            return own ? t("rightOf", { right: own.right, called: own.called }) : "–";
          }),
        ]),
      }}
    >
      <div className="flex flex-wrap gap-4">
        {timed.length > 0 ? (
          <svg
            viewBox={`0 0 ${width} ${tall}`}
            className="h-auto min-w-60 max-w-md flex-1 self-start"
            role="presentation"
          >
            <text x={width / 2} y={14} textAnchor="middle" fontSize={12} fontWeight={600} fill="var(--text)">
              {t("perRead")}
            </text>
            {ticks.map((tick) => (
              <g key={tick}>
                <line x1={at(tick)} x2={at(tick)} y1={top} y2={top + courses.length * row} stroke="var(--line)" />
                <text
                  x={at(tick)}
                  y={top + courses.length * row + 16}
                  textAnchor="middle"
                  fontSize={11}
                  fill="var(--text-soft)"
                >
                  {tick}
                </text>
              </g>
            ))}
            {courses.map(({ seconds, ...party }, i) => {
              const middle = top + (i + 0.5) * row;
              const { series, fill } = look(party);
              return (
                <g key={names.both(party)} opacity={isLit(highlight, party) ? 1 : 0.12}>
                  <text x={0} y={middle + 4} fontSize={11} fill="var(--text)">
                    {names.both(party)}
                  </text>
                  {seconds ? (
                    <>
                      <line
                        x1={at(seconds.lower)}
                        x2={at(seconds.upper)}
                        y1={middle}
                        y2={middle}
                        stroke={series.colour}
                        strokeWidth={5}
                        strokeOpacity={0.35}
                      />
                      <Mark x={at(seconds.median)} y={middle} {...series} fill={fill} />
                    </>
                  ) : null}
                </g>
              );
            })}
          </svg>
        ) : null}
        {ofParts.length > 0
          ? panel(
              t("right"),
              [0, 0.25, 0.5, 0.75, 1].map((share) => [share, String(100 * share)] as const),
              ({ called, right }) => (called === 0 ? null : right / called),
            )
          : null}
        {ofParts.some(({ parts }) => parts.some(({ median }) => median !== null))
          ? panel(
              t("timeOnTheWay"),
              ticks.map((tick) => [tick / longest, String(tick)] as const),
              ({ median }) => (median === null ? null : median / longest),
            )
          : null}
      </div>
    </Figure>
  );
}
