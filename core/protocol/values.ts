import { strangeCharacter } from "../text/characters";
import { isNumber } from "../text/number";
import type { Said } from "../words";
import { isRecordDate, recordDates } from "./baseline";
import type { Protocol } from "./protocol";

type Baseline = Protocol["baseline"];
export type BaselineItem = Protocol["baseline"]["items"][number];
/** Of a number in the item's unit, of a date yyyy-mm-dd, of a choice the key of its option, of a text the text. */
export type ItemValue = number | string;

const longestText = 1000;

/** Bounds of a day that the protocol leaves open: no record is older, and nothing is planned for later than in a year. */
const firstDay = "1900-01-01";
const plannedDays = 366;

/**
 * What becomes of a number outside its item's range: refused, as where nobody can give a reason; refused with the hint that a reason is
 * asked; or taken, because a reason was given.
 */
export type OutOfRange = "refused" | "asked" | "taken";

/**
 * A value as somebody wrote it or a program sent it, held against its item: the one rule for forms, the API and imports.
 * @param raw a number may come as text with a decimal point
 * @param today yyyy-mm-dd, for items that are bounded by it
 * @param outOfRange what becomes of a number below `min` or above `max`
 * @returns the value as it is kept, or what is wrong with it and what to do
 */
export function checkValue(
  item: BaselineItem,
  raw: unknown,
  today: string,
  outOfRange: OutOfRange = "refused",
): { value: ItemValue; problem: null } | { value: null; problem: Said } {
  const written = typeof raw === "string" ? raw.trim() : raw;
  const problem = problemOf(item, written, today);
  if (problem !== null && !(isOfRange(problem) && outOfRange === "taken"))
    return { value: null, problem: isOfRange(problem) && outOfRange === "asked" ? orReason(problem) : problem };
  return { value: item.type === "number" ? Number(written) : String(written), problem: null };
}

const isOfRange = ({ key }: Said) => key === "fields.item_below" || key === "fields.item_above";

/** Whether a value that was taken lies outside its item's range. */
export const isOutOfRange = (item: BaselineItem, value: ItemValue): boolean =>
  item.type === "number" && typeof value === "number" && (value < (item.min ?? value) || value > (item.max ?? value));

/** A problem that a reason answers. */
const orReason = (problem: Said): Said => ({ key: "fields.or_reason", values: { problem } });

function problemOf(item: BaselineItem, written: unknown, today: string): Said | null {
  const given = String(written);
  switch (item.type) {
    case "number": {
      const unit = item.unit ?? "none";
      if (!isNumber(given)) return { key: "fields.item_number", values: { given, unit } };
      const value = Number(written);
      if (!Number.isFinite(value)) return { key: "fields.item_too_large", values: { given } };
      if (item.decimals === 0 && !Number.isInteger(value)) return { key: "fields.item_whole", values: { given } };
      if (item.decimals !== undefined && Number(value.toFixed(item.decimals)) !== value)
        return { key: "fields.item_decimals", values: { given, decimals: item.decimals } };
      // Last: with a reason this one is taken, and the others are not.
      if (item.min !== undefined && value < item.min)
        return { key: "fields.item_below", values: { given, bound: String(item.min), unit } };
      if (item.max !== undefined && value > item.max)
        return { key: "fields.item_above", values: { given, bound: String(item.max), unit } };
      return null;
    }
    case "choice":
      return item.options.some(({ key }) => key === written)
        ? null
        : { key: "fields.item_choice", values: { given, known: item.options.map(({ key }) => key).join(", ") } };
    case "date":
      return problemOfDay(item, written, today);
    case "text":
      if (typeof written !== "string" || written === "") return { key: "fields.item_empty" };
      return written.length > longestText
        ? { key: "fields.item_long", values: { limit: longestText } }
        : problemOfCharacters(written);
  }
}

function problemOfCharacters(text: string): Said | null {
  const strange = strangeCharacter(text, { lines: true });
  return strange && { key: "fields.character", values: strange };
}

function problemOfDay(
  { notBefore = firstDay, notAfter }: { notBefore?: string | undefined; notAfter?: string | undefined },
  written: unknown,
  today: string,
): Said | null {
  const given = String(written);
  if (typeof written !== "string" || !isDay(written)) return { key: "fields.item_day", values: { given } };
  const first = notBefore === "today" ? today : notBefore;
  const last = notAfter === "today" ? today : (notAfter ?? daysAfter(today, plannedDays));
  if (written < first) return { key: "fields.item_early", values: { given, bound: first } };
  if (written > last) return { key: "fields.item_late", values: { given, bound: last } };
  return null;
}

/** What is wrong with the day of a consent or an MRI exam: it lies before the first day of the protocol, or in the future. */
export const problemOfRecordDay = ({ notBefore }: Baseline, written: string, today: string): Said | null =>
  problemOfDay({ notBefore, notAfter: "today" }, written, today);

/** What is wrong with an MRI exam before the consent, which a reason answers: the exam was part of care, say. */
export const problemOfConsent = ({ consentSignedOn, examOn }: { consentSignedOn: string; examOn: string }) =>
  examOn < consentSignedOn
    ? orReason({
        key: "fields.date_order",
        values: { given: examOn, other: recordDates.consent_date, bound: consentSignedOn },
      })
    : null;

/**
 * Dates that lie before one which they follow in the protocol's order.
 * @param dates by name, yyyy-mm-dd; what is not recorded is passed over
 * @returns the later one by the order, what a person calls it, and the problem
 */
export function problemsOfOrder(
  { order = [], items }: Baseline,
  dates: Readonly<Record<string, ItemValue | null | undefined>>,
): { name: string; follows: string; label: string | Said; problem: Said }[] {
  const labelOf = (name: string): string | Said =>
    items.find(({ key }) => key === name)?.label ?? (isRecordDate(name) ? recordDates[name] : name);
  const recorded = order.flatMap((name) => (typeof dates[name] === "string" ? [{ name, day: dates[name] }] : []));
  return recorded.flatMap(({ name, day }, at) => {
    const before = recorded[at - 1];
    if (!before || before.day <= day) return [];
    const values = { given: day, other: labelOf(before.name), bound: before.day };
    return [{ name, follows: before.name, label: labelOf(name), problem: { key: "fields.date_order", values } }];
  });
}

const daysAfter = (day: string, days: number) =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/**
 * Several values by item key. What is absent or empty is not checked: an item that is left open is no value.
 * @returns the values that are good, and by item what is wrong with the others
 */
export function checkValues(
  items: readonly BaselineItem[],
  raw: Readonly<Record<string, unknown>>,
  today: string,
  outOfRange?: OutOfRange,
) {
  const values: Record<string, ItemValue> = {};
  const problems: Record<string, Said> = {};
  for (const [key, written] of Object.entries(raw)) {
    if (written === undefined || written === "") continue;
    const item = items.find((each) => each.key === key);
    if (!item) {
      problems[key] = { key: "fields.item_unknown" };
      continue;
    }
    const { value, problem } = checkValue(item, written, today, outOfRange);
    if (problem === null) values[key] = value;
    else problems[key] = problem;
  }
  return { values, problems };
}

/** Items without which nobody is enrolled, and that have no value yet. */
export const missingItems = (items: readonly BaselineItem[], values: Readonly<Record<string, unknown>>) =>
  items.filter(({ key, required }) => required && values[key] === undefined);

/**
 * The day it is, yyyy-mm-dd.
 * @param timeZone as IANA names it; left out: this machine's
 */
export const today = (timeZone?: string): string =>
  new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }).format();

/** Whether this machine knows a time zone by that name. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
