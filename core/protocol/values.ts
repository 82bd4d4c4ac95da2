import type { Protocol } from "./protocol";

export type BaselineItem = Protocol["baseline"]["items"][number];
/** Of a number in the item's unit, of a date yyyy-mm-dd, of a choice the key of its option, of a text the text. */
export type ItemValue = number | string;

const longestText = 1000;

/**
 * A value as somebody wrote it or a program sent it, held against its item: the one rule for forms, the API and imports.
 * @param raw a number may come as text with a decimal point
 * @param today yyyy-mm-dd, for items that are bounded by it
 * @returns the value as it is kept, or what is wrong with it and what to do
 */
export function checkValue(
  item: BaselineItem,
  raw: unknown,
  today: string,
): { value: ItemValue; problem: null } | { value: null; problem: string } {
  const written = typeof raw === "string" ? raw.trim() : raw;
  const problem = problemOf(item, written, today);
  if (problem !== null) return { value: null, problem };
  return { value: item.type === "number" ? Number(written) : String(written), problem: null };
}

function problemOf(item: BaselineItem, written: unknown, today: string): string | null {
  const shown = `"${String(written)}"`;
  switch (item.type) {
    case "number": {
      const unit = item.unit ? ` ${item.unit}` : "";
      if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(String(written)))
        return `${shown} is not a number; write it with a decimal point${item.unit ? `, in ${item.unit}` : ""}`;
      const value = Number(written);
      if (!Number.isFinite(value)) return `${shown} is too large; correct it`;
      if (item.min !== undefined && value < item.min) return `${value} lies below ${item.min}${unit}; correct it`;
      if (item.max !== undefined && value > item.max) return `${value} lies above ${item.max}${unit}; correct it`;
      if (item.decimals === 0 && !Number.isInteger(value)) return `${value} is not a whole number; round it down`;
      if (item.decimals !== undefined && Number(value.toFixed(item.decimals)) !== value)
        return `${value} has more than ${item.decimals} decimals; round it`;
      return null;
    }
    case "choice":
      return item.options.some(({ key }) => key === written)
        ? null
        : `${shown} is not known; choose one of ${item.options.map(({ key }) => key).join(", ")}`;
    case "date": {
      if (typeof written !== "string" || !isDay(written)) return `${shown} is no day; write it as 2026-03-01`;
      const [first, last] = [item.notBefore, item.notAfter].map((bound) => (bound === "today" ? today : bound));
      if (first !== undefined && written < first) return `${written} is before ${first}; correct it`;
      if (last !== undefined && written > last) return `${written} is after ${last}; correct it`;
      return null;
    }
    case "text":
      if (typeof written !== "string" || written === "") return "is empty; write something";
      return written.length > longestText ? `is longer than ${longestText} characters; shorten it` : null;
  }
}

function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/**
 * Several values by item key. What is absent or empty is not checked: an item that is left open is no value.
 * @returns the values that are good, and by item what is wrong with the others
 */
export function checkValues(items: readonly BaselineItem[], raw: Readonly<Record<string, unknown>>, today: string) {
  const values: Record<string, ItemValue> = {};
  const problems: Record<string, string> = {};
  for (const [key, written] of Object.entries(raw)) {
    if (written === undefined || written === "") continue;
    const item = items.find((each) => each.key === key);
    if (!item) {
      problems[key] = "the protocol has no such item; reload the page";
      continue;
    }
    const { value, problem } = checkValue(item, written, today);
    if (problem === null) values[key] = value;
    else problems[key] = problem;
  }
  return { values, problems };
}

/** Items without which nobody is enrolled, and that have no value yet. */
export const missingItems = (items: readonly BaselineItem[], values: Readonly<Record<string, unknown>>) =>
  items.filter(({ key, required }) => required && values[key] === undefined);

/** The day it is here, yyyy-mm-dd. */
export function today(): string {
  const now = new Date();
  const part = (value: number) => String(value).padStart(2, "0");
  return `${now.getFullYear()}-${part(now.getMonth() + 1)}-${part(now.getDate())}`;
}
