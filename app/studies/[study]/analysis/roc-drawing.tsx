"use client";

import { usePlotArea } from "recharts";
import { Mark } from "@/app/_components/legend";
import { type ConditionStyle, outlineOf, type Series } from "@/core/figures/series";
import type { ComparisonOutput } from "@/server/schemas/analysis";

export type DrawnParty = ComparisonOutput["roc"][number] & {
  name: string;
  series: Series;
  style: ConditionStyle;
  /** Of its condition among those of the plot; -1 of the network. */
  order: number;
  /** Whether it is looked at: alone, or as all are. */
  isLit: boolean;
};

interface Place {
  x: number;
  y: number;
}

/** Room about a mark that an arrow leaves, pixels. */
const clearance = 8;
const head = 6;

interface Area extends Place {
  width: number;
  height: number;
}

interface DrawingProps {
  parties: readonly DrawnParty[];
  /** With many readers lines are faint until one is looked at. */
  isCrowded?: boolean;
  onPoint?: (party: DrawnParty | null) => void;
}

/** `RocMarks` within the axes of a chart. */
export function RocDrawing(props: DrawingProps) {
  const plot = usePlotArea();
  return plot ? <RocMarks plot={plot} {...props} /> : null;
}

/** Everything within the axes of a ROC plot, from the back to the front: band, curves, crosses, arrows, marks. */
export function RocMarks({ plot, parties, isCrowded = false, onPoint = () => {} }: DrawingProps & { plot: Area }) {
  const at = (fpr: number, tpr: number): Place => ({
    x: plot.x + fpr * plot.width,
    y: plot.y + (1 - tpr) * plot.height,
  });
  const placeOf = ({ point: { fpr, tpr } }: DrawnParty) =>
    fpr.estimate === null || tpr.estimate === null ? null : at(fpr.estimate, tpr.estimate);
  const isOne = parties.some(({ isLit }) => !isLit);
  /** Faded where another is looked at; lines of readers stand back behind the arrows, and these behind the marks. */
  const strength = ({ isLit, condition }: DrawnParty, what: "line" | "arrow" | "mark") => {
    if (!isLit) return 0.12;
    if (isOne || what === "mark" || condition === null) return 1;
    if (what === "arrow") return isCrowded ? 0.6 : 0.9;
    return isCrowded ? 0.35 : 0.75;
  };
  const areSeveral = new Set(parties.flatMap(({ reader, condition }) => (condition === null ? [] : [reader]))).size > 1;
  // The ones that are looked at lie on top.
  const stacked = parties.toSorted((a, b) => Number(a.isLit) - Number(b.isLit));
  const pointed = (party: DrawnParty) => ({
    onPointerEnter: () => onPoint(party),
    onPointerLeave: () => onPoint(null),
  });
  return (
    <g fill="none">
      {stacked.map((party) =>
        party.band ? (
          <path
            key={party.name}
            d={pathOf([
              ...party.band.points.map(({ fpr, lower }) => at(fpr, lower)),
              ...party.band.points.toReversed().map(({ fpr, upper }) => at(fpr, upper)),
            ])}
            fill={party.series.colour}
            fillOpacity={0.15}
            opacity={party.isLit ? 1 : 0.3}
          />
        ) : null,
      )}
      {stacked.map((party) => (
        <g key={party.name} stroke={party.series.colour} opacity={strength(party, "line")} {...pointed(party)}>
          {party.curve.length > 0 ? <Curve party={party} at={at} isMarked={!isCrowded && areSeveral} /> : null}
          <Cross party={party} at={at} />
        </g>
      ))}
      {stacked.map((party) => {
        const before = parties.find(({ reader, order }) => reader === party.reader && order === party.order - 1);
        const [from, to] = [before && before.order >= 0 ? placeOf(before) : null, placeOf(party)];
        return before && from && to ? (
          <Arrow
            key={party.name}
            from={from}
            to={to}
            colour={party.series.colour}
            opacity={Math.min(strength(before, "arrow"), strength(party, "arrow"))}
          />
        ) : null;
      })}
      {stacked.map((party) => {
        const place = placeOf(party);
        return place ? (
          <g key={party.name} opacity={strength(party, "mark")} {...pointed(party)}>
            <Mark {...place} {...party.series} fill={party.style.fill} />
          </g>
        ) : null;
      })}
    </g>
  );
}

export const pathOf = (places: readonly Place[]) =>
  `M${places.map(({ x, y }) => `${x.toFixed(2)} ${y.toFixed(2)}`).join("L")}`;

/** Where on the way along a curve of a reader its small marks stand: colours alone are not told apart in grey. */
const marked = [0.3, 0.5, 0.7];

/** The empirical curve, with room about it for a pointer. */
function Curve({
  party,
  at,
  isMarked,
}: {
  party: DrawnParty;
  at: (fpr: number, tpr: number) => Place;
  isMarked: boolean;
}) {
  const places = party.curve.map(({ fpr, tpr }) => at(fpr, tpr));
  const d = pathOf(places);
  return (
    <>
      <path
        d={d}
        strokeWidth={party.condition === null ? 3 : 1.5}
        strokeDasharray={party.style.dash}
        strokeLinejoin="round"
      />
      {isMarked && party.condition !== null
        ? marked.map((share) => {
            const { x, y } = alongOf(places, share);
            return (
              <path
                key={share}
                d={outlineOf(party.series.shape, x, y, 2.4)}
                strokeWidth={1.2}
                fill={party.style.fill === "full" ? party.series.colour : "var(--surface)"}
              />
            );
          })
        : null}
      <path d={d} strokeWidth={9} strokeOpacity={0} />
    </>
  );
}

/** The point at this share of the length of a line. */
function alongOf(places: readonly Place[], share: number): Place {
  const lengths = places.map(({ x, y }, i) => Math.hypot(x - (places[i - 1]?.x ?? x), y - (places[i - 1]?.y ?? y)));
  let left = share * lengths.reduce((sum, length) => sum + length, 0);
  for (const [i, to] of places.entries()) {
    const [length, from] = [lengths[i] ?? 0, places[i - 1] ?? to];
    if (left <= length) {
      const part = length === 0 ? 0 : left / length;
      return { x: from.x + part * (to.x - from.x), y: from.y + part * (to.y - from.y) };
    }
    left -= length;
  }
  return places.at(-1) ?? { x: 0, y: 0 };
}

/** The 95 % intervals of sensitivity and specificity through the mark. */
function Cross({
  party: {
    point: { fpr, tpr },
  },
  at,
}: {
  party: DrawnParty;
  at: (fpr: number, tpr: number) => Place;
}) {
  if (fpr.estimate === null || tpr.estimate === null) return null;
  const arms = [
    ...(fpr.lower !== null && fpr.upper !== null ? [[at(fpr.lower, tpr.estimate), at(fpr.upper, tpr.estimate)]] : []),
    ...(tpr.lower !== null && tpr.upper !== null ? [[at(fpr.estimate, tpr.lower), at(fpr.estimate, tpr.upper)]] : []),
  ];
  return <path d={arms.map(pathOf).join("")} strokeWidth={1.2} />;
}

/** From one mark to another; nothing where they nearly touch. */
function Arrow({ from, to, colour, opacity }: { from: Place; to: Place; colour: string; opacity: number }) {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (length < 2 * clearance + head) return null;
  const [dx, dy] = [(to.x - from.x) / length, (to.y - from.y) / length];
  const along = (distance: number, aside = 0): Place => ({
    x: from.x + dx * distance - dy * aside,
    y: from.y + dy * distance + dx * aside,
  });
  const tip = length - clearance;
  return (
    <g opacity={opacity}>
      <path d={pathOf([along(clearance), along(tip - head)])} stroke={colour} strokeWidth={1.6} />
      <path d={`${pathOf([along(tip), along(tip - head, head / 2), along(tip - head, -head / 2)])}Z`} fill={colour} />
    </g>
  );
}
