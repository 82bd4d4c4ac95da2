import { type ConditionStyle, conditionStylesOf, networkSeries, type Series, seriesOf } from "@/core/figures/series";
import type { ComparisonOutput, CountedUnit } from "@/server/schemas/analysis";

export interface Look {
  series: Series;
  fill: ConditionStyle["fill"];
}

/** How each party is drawn in every figure of the page: a reader by colour and shape, a condition by how its marks are filled. */
export function looksOf({
  rows,
  about,
}: ComparisonOutput): (party: { reader: string; condition: string | null }) => Look {
  const readers = [...new Set(rows.filter(({ condition }) => condition !== null).map(({ reader }) => reader))];
  const series = seriesOf(readers);
  const styles = conditionStylesOf(about.conditions.map(({ key }) => key));
  return ({ reader, condition }) => ({
    series: condition === null ? networkSeries : (series.get(reader) ?? networkSeries),
    fill: condition === null ? "full" : (styles.get(condition)?.fill ?? "full"),
  });
}

/** What the rows count, and how many of them there are. */
export function countedOf({ rows, about }: ComparisonOutput): { unit: CountedUnit; n: number } {
  const unit = rows[0]?.unit ?? about.plan.unit?.level ?? "image";
  return { unit, n: { image: about.images, node: about.nodes, patient: about.patients }[unit] };
}

/** The share of positive ones among them, to which predictive values belong; null where nobody judged any. */
export function prevalenceOf({ rows: [first], flow }: ComparisonOutput): number | null {
  const own = flow.filter(({ reader, condition }) => reader === first?.reader && condition === first.condition);
  const all = own.reduce((sum, { units }) => sum + units, 0);
  const positive = own.find(({ truth }) => truth === 1)?.units ?? 0;
  return all === 0 ? null : positive / all;
}

/** More readers than this are not told apart in one plot. */
const mostInOnePlot = 6;
export const isCrowded = ({ reads }: ComparisonOutput) =>
  new Set(reads.map(({ reader }) => reader)).size > mostInOnePlot;
