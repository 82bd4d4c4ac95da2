"use client";

import { useTranslations } from "next-intl";
import { Figure } from "@/app/_components/figure";
import { Mark, useHighlight } from "@/app/_components/legend";
import { useFormat } from "@/app/_i18n/format";
import type { ComparisonOutput, CountedUnit } from "@/server/schemas/analysis";
import { useNames } from "./names";
import { countedOf, looksOf } from "./parties";
import { isLit, readerLegend } from "./reader-legend";

type Reclassified = ComparisonOutput["figures"]["reclassified"][number];
const measures = ["sensitivity", "specificity", "accuracy"] as const;
type Measure = (typeof measures)[number];

/** The share that was right in each condition, of the images read in both. */
function sharesOf(cells: readonly Reclassified[], measure: Measure): [number, number] | null {
  const of = cells.filter(({ truth }) => measure === "accuracy" || truth === (measure === "sensitivity" ? 1 : 0));
  const sum = (count: (cell: Reclassified) => number) => of.reduce((total, cell) => total + count(cell), 0);
  const n = sum((cell) => cell.n);
  return n === 0 ? null : [sum(({ kept, lost }) => kept + lost) / n, sum(({ kept, gained }) => kept + gained) / n];
}

const [width, height, left, right, top, bottom] = [216, 230, 50, 54, 28, 26];

/**
 * What the second condition does to each reader on the same images: a line a reader, the average with its paired interval, readers whose accuracy
 * falls marked; beside them the images whose call turned right or wrong.
 */
export function WithinReader({ comparison, synthetic }: { comparison: ComparisonOutput; synthetic: boolean }) {
  const t = useTranslations("analysis");
  const names = useNames(comparison);
  const { list, sentences } = useFormat();
  const highlight = useHighlight();
  const look = looksOf(comparison);
  const { unit } = countedOf(comparison);
  const pairs = [
    ...new Map(
      comparison.figures.reclassified.map(({ first, second }) => [JSON.stringify([first, second]), { first, second }]),
    ).values(),
  ];
  return pairs.map(({ first, second }) => {
    const all = comparison.figures.reclassified.filter((each) => each.first === first && each.second === second);
    const readers = [...new Set(all.map(({ reader }) => reader))].map((reader) => {
      const cells = all.filter((each) => each.reader === reader);
      const accuracy = sharesOf(cells, "accuracy");
      return { reader, cells, falls: accuracy !== null && accuracy[1] < accuracy[0] };
    });
    const falling = readers.filter(({ falls }) => falls).map(({ reader }) => reader);
    const averages = comparison.averages.filter(
      (each) => each.kind === "condition" && each.first === first && each.second === second,
    );
    /** Second less first, as the lines run; the analysis gives first less second. */
    const changeOf = (average: (typeof averages)[number] | undefined) => {
      const difference = average?.fixed.difference;
      if (!difference || difference.estimate === null || difference.lower === null || difference.upper === null)
        return null;
      return { estimate: -difference.estimate, lower: -difference.upper, upper: -difference.lower };
    };
    const percent = (share: number) => (100 * share).toFixed(1);
    const signed = (share: number) => `${share > 0 ? "+" : share < 0 ? "−" : ""}${Math.abs(100 * share).toFixed(1)}`;
    const says = (reader: string) => {
      const cells = all.filter((each) => each.reader === reader);
      return list(
        measures.flatMap((measure) => {
          const shares = sharesOf(cells, measure);
          return shares
            ? [
                t("within.says", {
                  measure: t(`table.${measure}`),
                  before: percent(shares[0]),
                  after: percent(shares[1]),
                }),
              ]
            : [];
        }),
        "apart",
      );
    };
    const conditions = { first: names.condition(first), second: names.condition(second) };
    const shares = [
      ...measures.flatMap((measure) => readers.flatMap(({ cells }) => sharesOf(cells, measure) ?? [])),
      ...averages.flatMap((each) =>
        each.measure === "auc" ? [] : each.averages.filter((average) => average !== null),
      ),
    ];
    /** Where the axes begin: a tenth below the lowest, so that slopes can be told apart. */
    const floor = Math.max(0, Math.floor(10 * Math.min(0.9, ...shares) - 1) / 10);
    const y = (share: number) => top + ((1 - share) / (1 - floor)) * (height - top - bottom);
    const ticks = Array.from({ length: Math.round((1 - floor) * 10) + 1 }, (_, at) => floor + at / 10).filter(
      (_, at, all) => all.length < 7 || (all.length - 1 - at) % 2 === 0,
    );
    const [from, to] = [left, width - right];
    return (
      <Figure
        key={`${first} ${second}`}
        title={t("within.title", conditions)}
        n={t("within.n", { readers: readers.length, unit })}
        caption={sentences(
          t("within.caption", { ...conditions, unit }),
          falling.length > 0 ? t("within.falling", { readers: list(falling) }) : t("within.nobodyFalls"),
        )}
        summary={list(
          readers.map(({ reader }) => t("within.row", { reader, says: says(reader) })),
          "apart",
        )}
        synthetic={synthetic}
        highlight={highlight}
        legend={readerLegend(comparison, says).filter(({ key }) => key.startsWith("reader"))}
        table={{
          head: [
            t("table.reader"),
            t("reads.truth"),
            t("table.n"),
            t("within.kept"),
            t("within.gained"),
            t("within.lost"),
            t("within.missed"),
          ],
          rows: all.map((each) => [
            each.reader,
            t(each.truth === 1 ? "reads.positive" : "reads.negative"),
            each.n,
            each.kept,
            each.gained,
            each.lost,
            each.missed,
          ]),
        }}
      >
        <div className="flex flex-wrap gap-4">
          <div className="flex flex-1 basis-[36rem] flex-wrap gap-4">
            {measures.map((measure) => {
              const average = averages.find((each) => each.measure === measure);
              const change = changeOf(average);
              const [before, after] = average?.averages ?? [null, null];
              return (
                <svg
                  key={measure}
                  viewBox={`0 0 ${width} ${height}`}
                  className="h-auto min-w-52 max-w-72 flex-1"
                  role="presentation"
                >
                  <text x={width / 2} y={14} textAnchor="middle" fontSize={12} fontWeight={600} fill="var(--text)">
                    {t("within.percent", { measure: t(`table.${measure}`) })}
                  </text>
                  {ticks.map((tick) => (
                    <g key={tick}>
                      <line x1={from} x2={to} y1={y(tick)} y2={y(tick)} stroke="var(--line)" />
                      <text x={from - 12} y={y(tick) + 4} textAnchor="end" fontSize={11} fill="var(--text-soft)">
                        {Math.round(100 * tick)}
                      </text>
                    </g>
                  ))}
                  {[conditions.first, conditions.second].map((name, at) => (
                    <text
                      key={name}
                      x={at === 0 ? from : to}
                      y={height - 8}
                      textAnchor="middle"
                      fontSize={11}
                      fill="var(--text-soft)"
                    >
                      {name}
                    </text>
                  ))}
                  {readers.map(({ reader, cells, falls }) => {
                    const shares = sharesOf(cells, measure);
                    if (!shares) return null;
                    const { series } = look({ reader, condition: first });
                    const lit = isLit(highlight, { reader, condition: null });
                    const marked = measure === "accuracy" && falls;
                    return (
                      <g key={reader} opacity={lit ? 1 : 0.12}>
                        <line
                          x1={from}
                          x2={to}
                          y1={y(shares[0])}
                          y2={y(shares[1])}
                          stroke={series.colour}
                          strokeWidth={1.6}
                          strokeDasharray={marked ? "5 3" : undefined}
                        />
                        <Mark x={from} y={y(shares[0])} {...series} fill={look({ reader, condition: first }).fill} />
                        <Mark x={to} y={y(shares[1])} {...series} fill={look({ reader, condition: second }).fill} />
                        {marked ? (
                          <text x={to + 9} y={y(shares[1]) + 4} fontSize={11} fill="var(--danger)">
                            {t("within.falls", { reader })}
                          </text>
                        ) : null}
                      </g>
                    );
                  })}
                  {readers.length > 1 && before !== null && after !== null ? (
                    <line x1={from} x2={to} y1={y(before)} y2={y(after)} stroke="var(--text)" strokeWidth={3} />
                  ) : null}
                  {change ? (
                    <text x={width / 2} y={height - bottom - 8} textAnchor="middle" fontSize={11} fill="var(--text)">
                      {t("within.average", {
                        value: signed(change.estimate),
                        lower: signed(change.lower),
                        upper: signed(change.upper),
                      })}
                    </text>
                  ) : null}
                </svg>
              );
            })}
          </div>
          <div className="flex flex-1 basis-[24rem] flex-wrap gap-4">
            {([1, 0] as const).map((truth) => (
              <Turned key={truth} cells={all.filter((each) => each.truth === truth)} truth={truth} unit={unit} />
            ))}
          </div>
        </div>
      </Figure>
    );
  });
}

/** Units of one truth whose call turned right (to the right) or wrong (to the left), reader by reader. */
function Turned({ cells, truth, unit }: { cells: readonly Reclassified[]; truth: 0 | 1; unit: CountedUnit }) {
  const t = useTranslations("analysis");
  const most = Math.max(1, ...cells.flatMap(({ gained, lost }) => [gained, lost]));
  const row = 22;
  const tall = 44 + cells.length * row + 22;
  const middle = 112;
  const x = (count: number) => middle + (count / most) * 74;
  return (
    <svg viewBox={`0 0 ${width} ${tall}`} className="h-auto min-w-52 max-w-72 flex-1 self-start" role="presentation">
      <text x={middle} y={14} textAnchor="middle" fontSize={12} fontWeight={600} fill="var(--text)">
        {t(truth === 1 ? "within.positiveImages" : "within.negativeImages", { unit })}
      </text>
      <text x={middle - 4} y={32} textAnchor="end" fontSize={11} fill="var(--text-soft)">
        {t("within.toWrong")}
      </text>
      <text x={middle + 4} y={32} fontSize={11} fill="var(--text-soft)">
        {t("within.toRight")}
      </text>
      {cells.map(({ reader, gained, lost }, at) => {
        const y = 40 + at * row;
        return (
          <g key={reader} fontSize={11}>
            <text x={0} y={y + 12} fill="var(--text)">
              {reader}
            </text>
            <rect
              x={x(-lost)}
              y={y}
              width={middle - x(-lost)}
              height={row - 6}
              fill="var(--danger)"
              fillOpacity={0.75}
            />
            <rect
              x={middle}
              y={y}
              width={x(gained) - middle}
              height={row - 6}
              fill="var(--success)"
              fillOpacity={0.75}
            />
            <text x={x(-lost) - 4} y={y + 12} textAnchor="end" fill="var(--text)">
              {lost}
            </text>
            <text x={x(gained) + 4} y={y + 12} fill="var(--text)">
              {gained}
            </text>
          </g>
        );
      })}
      <line x1={middle} x2={middle} y1={38} y2={40 + cells.length * row} stroke="var(--text-soft)" />
    </svg>
  );
}
