import type { Said } from "@/core/words";
import { SaidError } from "@/core/words/said";

/**
 * The small language in which a criterion says from what it is computed:
 *
 *   short_axis_mm >= 3
 *   surgery_date - mri_date <= 14 days
 *   sex = "female" and (age_years < 18 years or not t_stage = "T4a")
 *
 *   expression := conjunction ("or" conjunction)*
 *   conjunction := negation ("and" negation)*
 *   negation := "not" negation | "(" expression ")" | comparison
 *   comparison := side ("<" | "<=" | "=" | "!=" | ">=" | ">") side
 *   side := name | name "-" name | number unit? | date | "option"
 *
 * `parseExpression` reads it, `checkExpression` holds it against the names of a protocol, `core/eligibility/evaluate.ts` gives the answer.
 */

const operators = ["<=", ">=", "!=", "<", "=", ">"] as const;
export type Operator = (typeof operators)[number];

/** Where it stands in the text, counted from 1. */
interface Placed {
  at: number;
}
export type Side = Placed &
  (
    | { kind: "name"; name: string }
    /** Days from the date `from` to the date `to`. */
    | { kind: "days"; to: string; from: string }
    | { kind: "number"; value: number; unit: string | null }
    /** yyyy-mm-dd */
    | { kind: "date"; value: string }
    | { kind: "option"; value: string }
  );
export type Expression =
  | { kind: "or"; parts: Expression[] }
  | { kind: "and"; parts: Expression[] }
  | { kind: "not"; part: Expression }
  | (Placed & { kind: "comparison"; left: Side; operator: Operator; right: Side });

/** What a name stands for. */
export type Quantity =
  /** Its unit in the words that may be written for it; none: it has no unit. */
  | { type: "number"; units: readonly string[] }
  | { type: "date" }
  | { type: "choice"; options: readonly string[] }
  | { type: "text" };
export type Vocabulary = ReadonlyMap<string, Quantity>;

/** What is wrong with an expression, where (counted from 1), and what to do about it. */
export class ExpressionError extends SaidError {
  override name = "ExpressionError";
  constructor(
    readonly position: number,
    problem: Said,
  ) {
    super({ key: "protocol.expression.at", values: { position, problem } });
  }
}

// ---- reading ----------------------------------------------------------------------------------------------------------------

type TokenKind = "date" | "number" | "word" | "option" | "sign" | "end";
interface Token extends Placed {
  kind: TokenKind;
  text: string;
}

const lexemes: [kind: TokenKind, pattern: RegExp][] = [
  ["date", /\d{4}-\d{2}-\d{2}(?![\p{L}\p{N}.])/uy],
  ["number", /-?\d+(\.\d+)?/y],
  ["word", /[\p{L}_%°][\p{L}\p{N}_%°/]*/uy],
  ["option", /"[^"]*"/y],
  ["sign", /<=|>=|!=|[<=>()-]/y],
];

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text.charAt(at))) {
      at += 1;
      continue;
    }
    const token = tokenAt(text, at, tokens.at(-1));
    if (!token)
      throw new ExpressionError(at + 1, {
        key: "protocol.expression.not_understood",
        values: { sign: text.charAt(at), operators: operators.join(" ") },
      });
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

function tokenAt(text: string, at: number, before: Token | undefined): Token | undefined {
  for (const [kind, pattern] of lexemes) {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    // After a name - is a minus between two dates, otherwise the sign of a number.
    if (found === undefined || (kind === "number" && found.startsWith("-") && before?.kind === "word")) continue;
    return { kind, text: found, at: at + 1 };
  }
  return undefined;
}

/** Brackets and words "not" that may stand within each other. */
const deepest = 30;

const isOperator = (text: string): text is Operator => operators.some((operator) => operator === text);
/** Words of the language, which are no names. */
export const reserved: readonly string[] = ["and", "or", "not"];
const isName = ({ kind, text }: Token) => kind === "word" && !reserved.includes(text);
const quoted = ({ kind, text }: Token): Said =>
  kind === "end" ? { key: "protocol.expression.end" } : { key: "protocol.expression.token", values: { text } };

/** @throws ExpressionError with the position of what is not understood */
export function parseExpression(text: string): Expression {
  const tokens = tokensOf(text);
  let next = 0;
  const end: Token = { kind: "end", text: "", at: text.length + 1 };
  const peek = () => tokens[next] ?? end;
  const take = () => tokens[next++] ?? end;
  const takeIf = (wanted: string) => (peek().text === wanted && peek().kind !== "option" ? take() : undefined);

  function disjunction(depth: number): Expression {
    const first = conjunction(depth);
    const parts = [first];
    while (takeIf("or")) parts.push(conjunction(depth));
    return parts.length > 1 ? { kind: "or", parts } : first;
  }

  function conjunction(depth: number): Expression {
    const first = negation(depth);
    const parts = [first];
    while (takeIf("and")) parts.push(negation(depth));
    return parts.length > 1 ? { kind: "and", parts } : first;
  }

  function negation(depth: number): Expression {
    if (depth > deepest)
      throw new ExpressionError(peek().at, { key: "protocol.expression.deep", values: { limit: deepest } });
    if (takeIf("not")) return { kind: "not", part: negation(depth + 1) };
    const open = takeIf("(");
    if (!open) return comparison();
    const inside = disjunction(depth + 1);
    if (!takeIf(")"))
      throw new ExpressionError(peek().at, {
        key: "protocol.expression.bracket",
        values: { open: open.at, token: quoted(peek()) },
      });
    return inside;
  }

  function comparison(): Expression {
    const left = side();
    const operator = take();
    if (!isOperator(operator.text))
      throw new ExpressionError(operator.at, {
        key: "protocol.expression.no_operator",
        values: { token: quoted(operator), operators: operators.join(" ") },
      });
    return { kind: "comparison", left, operator: operator.text, right: side(), at: left.at };
  }

  function side(): Side {
    const token = take();
    const { at } = token;
    if (token.kind === "number") {
      const unit = isName(peek()) ? take().text : null;
      return { kind: "number", value: Number(token.text), unit, at };
    }
    if (token.kind === "date") return { kind: "date", value: realDay(token), at };
    if (token.kind === "option") return { kind: "option", value: token.text.slice(1, -1), at };
    if (!isName(token))
      throw new ExpressionError(at, { key: "protocol.expression.no_side", values: { token: quoted(token) } });
    if (!takeIf("-")) return { kind: "name", name: token.text, at };
    const from = take();
    if (!isName(from))
      throw new ExpressionError(from.at, { key: "protocol.expression.no_date", values: { token: quoted(from) } });
    return { kind: "days", to: token.text, from: from.text, at };
  }

  const whole = disjunction(0);
  if (peek().kind !== "end")
    throw new ExpressionError(peek().at, { key: "protocol.expression.no_join", values: { token: quoted(peek()) } });
  return whole;
}

function realDay({ text, at }: Token): string {
  const day = new Date(`${text}T00:00:00Z`);
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== text)
    throw new ExpressionError(at, { key: "protocol.expression.no_day", values: { day: text } });
  return text;
}

// ---- types ------------------------------------------------------------------------------------------------------------------

/** @throws ExpressionError for a name that the protocol does not have, or a comparison of things that do not compare */
export function checkExpression(expression: Expression, vocabulary: Vocabulary): void {
  switch (expression.kind) {
    case "or":
    case "and":
      for (const part of expression.parts) checkExpression(part, vocabulary);
      return;
    case "not":
      checkExpression(expression.part, vocabulary);
      return;
    case "comparison":
      checkComparison(expression, vocabulary);
  }
}

function checkComparison(
  { left, operator, right, at }: Extract<Expression, { kind: "comparison" }>,
  vocabulary: Vocabulary,
): void {
  const isOfRecord = (side: Side) => side.kind === "name" || side.kind === "days";
  if (!isOfRecord(left) && !isOfRecord(right))
    throw new ExpressionError(at, {
      key: "protocol.expression.nothing_of_the_record",
      values: { known: namesOf(vocabulary) },
    });
  const [first, second] = [quantityOf(left, vocabulary), quantityOf(right, vocabulary)];
  if (first.type === "text" || second.type === "text")
    throw new ExpressionError(at, { key: "protocol.expression.text" });
  if (first.type !== second.type)
    throw new ExpressionError(right.at, {
      key: "protocol.expression.types",
      values: { first: typed(first), second: typed(second) },
    });
  if (first.type === "number" && second.type === "number") checkUnits(left, first.units, right, second.units);
  if (first.type !== "choice" || second.type !== "choice") return;
  if (operator !== "=" && operator !== "!=")
    throw new ExpressionError(at, { key: "protocol.expression.options_without_order", values: { operator } });
  const [written, options] = left.kind === "option" ? [left, second.options] : [right, first.options];
  if (written.kind !== "option")
    throw new ExpressionError(written.at, {
      key: "protocol.expression.choice",
      values: { options: `"${options.join('", "')}"` },
    });
  if (!options.includes(written.value))
    throw new ExpressionError(written.at, {
      key: "protocol.expression.option_unknown",
      values: { option: written.value, options: `"${options.join('", "')}"` },
    });
}

function checkUnits(left: Side, first: readonly string[], right: Side, second: readonly string[]): void {
  const days = [left, right].some((side) => side.kind === "days");
  const bare = [left, right].find((side) => side.kind === "number" && side.unit === null);
  // A number of the record says its unit itself; a difference of dates does not say that it is days.
  if (bare && !days) return;
  if (bare) throw new ExpressionError(bare.at, { key: "protocol.expression.days_missing" });
  if (first.length === 0 && second.length === 0) return;
  if (first.some((unit) => second.includes(unit))) return;
  const unit = (units: readonly string[]): string | Said => units[0] ?? { key: "protocol.expression.no_unit" };
  throw new ExpressionError(right.at, {
    key: "protocol.expression.units",
    values: { second: unit(second), first: unit(first) },
  });
}

function quantityOf(side: Side, vocabulary: Vocabulary): Quantity {
  switch (side.kind) {
    case "number":
      return { type: "number", units: side.unit === null ? [] : [side.unit] };
    case "date":
      return { type: "date" };
    case "option":
      return { type: "choice", options: [side.value] };
    case "name":
      return named(side.name, side.at, vocabulary);
    case "days":
      for (const name of [side.to, side.from]) {
        const quantity = named(name, side.at, vocabulary);
        if (quantity.type !== "date")
          throw new ExpressionError(side.at, {
            key: "protocol.expression.difference",
            values: { name, type: typed(quantity) },
          });
      }
      return { type: "number", units: ["days"] };
  }
}

function named(name: string, at: number, vocabulary: Vocabulary): Quantity {
  const found = vocabulary.get(name);
  if (!found)
    throw new ExpressionError(at, {
      key: "protocol.expression.name_unknown",
      values: { name, known: namesOf(vocabulary) },
    });
  return found;
}

const typed = ({ type }: Quantity): Said => ({ key: "protocol.expression.type", values: { type } });
const namesOf = (vocabulary: Vocabulary) => [...vocabulary.keys()].join(", ");
