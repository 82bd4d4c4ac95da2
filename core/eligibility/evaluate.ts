import type { Expression, Side } from "../protocol/expression";
import type { CriterionAnswer } from "./assess";

/** Values of a subject by name: numbers, dates as yyyy-mm-dd, choices by their key; null or absent: not recorded. */
export type Values = Readonly<Record<string, number | string | null | undefined>>;

/** A value that an answer rests on, to be shown beside it. `what` is a name, or "later - earlier" for days between two dates. */
export interface UsedValue {
  what: string;
  /** Null: not recorded. */
  value: number | string | null;
}

/**
 * The answer of a computed criterion, and the values that it was computed from. What depends on a value that is not recorded is unknown; `or` with a part
 * that is met, and `and` with one that is not, are answered all the same (Kleene's three values).
 * @throws RangeError for a value that is not of its item's type
 */
export function evaluate(expression: Expression, values: Values): { answer: CriterionAnswer; used: UsedValue[] } {
  const used = new Map<string, UsedValue>();
  return { answer: answerTo(expression), used: [...used.values()] };

  function answerTo(part: Expression): CriterionAnswer {
    switch (part.kind) {
      case "or":
        return firstOf(part.parts.map(answerTo), "met", "not_met");
      case "and":
        return firstOf(part.parts.map(answerTo), "not_met", "met");
      case "not":
        return opposite[answerTo(part.part)];
      case "comparison": {
        const [left, right] = [valueAt(part.left), valueAt(part.right)];
        if (left === null || right === null) return "unknown";
        if (typeof left !== typeof right)
          throw new RangeError(
            `The record has ${JSON.stringify(left)} and ${JSON.stringify(right)}, which do not compare.`,
          );
        return holds[part.operator](left, right) ? "met" : "not_met";
      }
    }
  }

  function valueAt(side: Side): number | string | null {
    if (side.kind === "name") return noted(side.name, values[side.name] ?? null);
    if (side.kind !== "days") return side.value;
    const [to, from] = [dayOf(side.to), dayOf(side.from)];
    return noted(`${side.to} - ${side.from}`, to === null || from === null ? null : to - from);
  }

  /** Days since 1970. */
  function dayOf(name: string): number | null {
    const value = noted(name, values[name] ?? null);
    if (value === null) return null;
    const day = Date.parse(`${value}T00:00:00Z`) / 86_400_000;
    if (Number.isNaN(day)) throw new RangeError(`The record has ${JSON.stringify(value)} as the date ${name}.`);
    return day;
  }

  function noted<T extends number | string | null>(what: string, value: T): T {
    used.set(what, { what, value });
    return value;
  }
}

const opposite = { met: "not_met", not_met: "met", unknown: "unknown" } as const;

/** `deciding` where one part says so, unknown where one might, `otherwise` else. */
function firstOf(answers: readonly CriterionAnswer[], deciding: CriterionAnswer, otherwise: CriterionAnswer) {
  if (answers.includes(deciding)) return deciding;
  return answers.includes("unknown") ? "unknown" : otherwise;
}

/** Dates are compared as their text, whose order is that of the days. */
const holds = {
  "<": (a: number | string, b: number | string) => a < b,
  "<=": (a: number | string, b: number | string) => a <= b,
  "=": (a: number | string, b: number | string) => a === b,
  "!=": (a: number | string, b: number | string) => a !== b,
  ">=": (a: number | string, b: number | string) => a >= b,
  ">": (a: number | string, b: number | string) => a > b,
};
