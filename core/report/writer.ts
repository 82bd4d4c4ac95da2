import type { FlowRow } from "../stats/comparison/flow";
import type { Party } from "../stats/comparison/opinions";
import type { Estimate } from "../stats/types";
import { apart } from "../stats/types";
import { type Locale, sayIn, type WordKey, type WordValues } from "../words";
import { raised } from "./parts";
import type { ReportInput } from "./records";
import { type Path, type Sources, sourcesOf } from "./sources";

type OfReport<Key> = Key extends `report.${infer Name}` ? Name : never;
type ReportWord = OfReport<WordKey>;

/** A fraction in per cent, a difference of two in percentage points, or an area, a kappa or a slope as it is. */
export type Unit = "percent" | "points" | "number";

/** With a true minus, and none before a zero. */
function inUnit(value: number, unit: Unit): string {
  const written = unit === "number" ? value.toFixed(3) : (100 * value).toFixed(1);
  return written.replace(/^-(?=[0.]*$)/, "").replace("-", "−");
}

/** As journals print it: ".034", "< .001". */
const bareP = (p: number): string => (p < 0.001 ? "< .001" : p.toFixed(3).replace(/^0/, ""));

/** a to z, then aa, ab, ... */
const letterOf = (at: number): string =>
  `${at < 26 ? "" : letterOf(Math.floor(at / 26) - 1)}${String.fromCharCode(97 + (at % 26))}`;

/** Marks in a table and what they stand for, each note once. */
export interface Footnotes {
  /** The mark of what must not be overlooked about an estimate; empty where there is nothing. */
  of(estimate: Estimate): string;
  /** The same of several that stand in one place. */
  ofAll(estimates: readonly Estimate[]): string;
  /** The mark of a note. */
  mark(note: string): string;
  /** The mark of what all of these estimates carry, for their heading, and the marks of what is left to each below it. */
  under(estimates: readonly Estimate[]): { mark: string; each: Footnotes };
  notes(): string[];
}

/** Words of one language, numbers with their records, names of readers and conditions: what every part of a report is written with. */
export function writerOf(input: ReportInput, language: Locale) {
  const speak = sayIn(language);
  const { records, result } = input;
  const from: Sources = sourcesOf({ records, result });
  const say = (name: ReportWord, values?: WordValues): string =>
    speak(values ? { key: `report.${name}`, values } : { key: `report.${name}` });
  const conditions = new Map(records.protocol.conditions.map(({ key, label }) => [key, label]));
  const conditionOf = (key: string): string =>
    conditions.get(key) ?? result.about.conditions.find((each) => each.key === key)?.label ?? key;
  const readerOf = (code: string): string => (code === "network" ? say("network") : code);
  const comma = say("comma");
  const { plan, ruleSets } = result.about;
  const plannedRules = ruleSets.find(({ key }) => key === plan.ruleSet)?.title ?? plan.ruleSet;
  const count = (path: Path): number => Number(from.number(path));

  const interval = ({ lower, upper }: Estimate, unit: Unit): string | null =>
    lower === null || upper === null
      ? null
      : say("interval", { lower: inUnit(lower, unit), upper: inUnit(upper, unit) });

  return {
    input,
    records,
    result,
    language,
    say,
    speak,
    from,
    readerOf,
    conditionOf,
    partyOf: ({ reader, condition }: { reader: string; condition: string | null }): string =>
      condition === null ? readerOf(reader) : `${readerOf(reader)}${comma}${conditionOf(condition)}`,
    /** What is counted, for a message that names it. */
    counted: { unit: plan.unit?.level ?? "image", lesion: records.protocol.lesion },
    /** The rules that made every call anew, as the protocol planned; null: the calls are those given. */
    plannedRules,
    /** How many of the positive and of the negative units a test answered so. */
    answers(party: Party, answer: "units" | "positive" | "negative" | "notEvaluable" | "missing") {
      const of = (wanted: FlowRow["truth"]) =>
        result.flow.findIndex(
          ({ reader, condition, truth }) =>
            reader === party.reader && condition === party.condition && truth === wanted,
        );
      return {
        positive: count(["result", "flow", of(1), answer]),
        negative: count(["result", "flow", of(0), answer]),
      };
    },
    /** Sentences one after the other. */
    sentences: (...parts: readonly (string | null)[]): string =>
      parts.flatMap((part) => part?.trim() || []).join(language === "zh" ? "" : " "),
    /** "a, b", or longer parts that hold commas themselves, "a; b". */
    list: (parts: readonly string[], how: "close" | "apart" = "close"): string =>
      parts.join(say(how === "close" ? "between" : "semicolon")),
    /** A count, for a message; its record is written down. */
    count,
    /**
     * An estimate with its interval within a sentence, or why there is none.
     * @param footnotes of the section, where its cautions go
     */
    estimate(estimate: Estimate, path: Path, unit: Unit, footnotes?: Footnotes): string {
      if (estimate.estimate === null) return say("not_estimable", { reason: estimate.reason });
      const marks = footnotes?.of(estimate) ?? "";
      const value = say(unit === "percent" ? "percent" : "plain", { value: inUnit(estimate.estimate, unit) });
      const limits = interval(estimate, unit);
      const whole = from.cite(limits === null ? value : say("with_interval", { value, interval: limits }), path);
      return `${unit === "points" ? say("points", { value: whole }) : whole}${marks}`;
    },
    /**
     * The same in a cell, with the marks of what is to be known behind the number.
     * @param how whether the interval stands beside the number or below it
     */
    cell(estimate: Estimate, path: Path, unit: Unit, footnotes: Footnotes, how: "beside" | "below" = "below"): string {
      const marks = footnotes.of(estimate);
      if (estimate.estimate === null) return `–${marks}`;
      const limits = interval(estimate, unit);
      const value = inUnit(estimate.estimate, unit);
      from.cite(limits === null ? value : `${value} (${limits})`, path);
      if (limits === null) return `${value}${marks}`;
      return how === "below" ? `${value}${marks}\n${limits}` : `${value} (${limits})${marks}`;
    },
    /** ".034" in a cell. */
    p(p: number | null, path: Path): string {
      return p === null ? "–" : from.cite(bareP(p), path);
    },
    /** "P = .034" within a sentence; empty where there is none. */
    pInWords(p: number | null, path: Path): string {
      if (p === null) return "";
      const bare = bareP(p);
      return say("p", { p: from.cite(bare.startsWith("<") ? bare : `= ${bare}`, path) });
    },
    inUnit,
    footnotes(): Footnotes {
      const notes: string[] = [];
      const placeOf = (note: string) => (notes.includes(note) ? notes.indexOf(note) : notes.push(note) - 1);
      const marksOf = (texts: readonly string[]) => {
        const places = [...new Set(texts.map(placeOf))].sort((a, b) => a - b);
        return places.length > 0 ? raised(places.map(letterOf).join(",")) : "";
      };
      const textsOf = (estimate: Estimate): string[] => {
        const said = estimate.estimate === null ? estimate.reason : estimate.caution;
        return said ? apart(said).map(speak) : [];
      };
      const below = (atHeading: readonly string[]): Footnotes => ({
        mark: (note) => raised(letterOf(placeOf(note))),
        of: (estimate) => marksOf(textsOf(estimate).filter((text) => !atHeading.includes(text))),
        ofAll: (estimates) => marksOf(estimates.flatMap(textsOf).filter((text) => !atHeading.includes(text))),
        under(estimates) {
          const [first, ...others] = estimates.filter(({ estimate }) => estimate !== null).map(textsOf);
          const shared =
            first && others.length > 0 ? first.filter((text) => others.every((texts) => texts.includes(text))) : [];
          return { mark: marksOf(shared), each: below(shared) };
        },
        notes: () =>
          notes.length > 0 ? [notes.map((note, at) => `${raised(letterOf(at))} ${note}`).join(say("semicolon"))] : [],
      });
      return below([]);
    },
  };
}

export type Writer = ReturnType<typeof writerOf>;
