/** A day, as DA (also with the points of before 1993) and DT have it, as far as it goes: year, month, day; then what follows. PS3.5 table 6.2-1. */
const day = /^([12]\d{3})\.?(\d{2})?\.?(\d{2})?(\d{0,6}(?:\.\d{1,6})?)([+-]\d{4})?$/;

/**
 * A DA or DT moved by whole days, as precise as it was; the time of day and the zone stay. Undefined where this is no date.
 * @param days negative: earlier
 */
export function shifted(date: string, days: number): string | undefined {
  const [whole, year, month, dayOfMonth, time = "", zone = ""] = day.exec(date.trim()) ?? [];
  if (whole === undefined || year === undefined || (time && !dayOfMonth)) return undefined;
  const there = new Date(Date.UTC(Number(year), Number(month ?? 1) - 1, Number(dayOfMonth ?? 1)));
  if (there.getUTCMonth() + 1 !== Number(month ?? 1) || there.getUTCDate() !== Number(dayOfMonth ?? 1))
    return undefined;
  there.setUTCDate(there.getUTCDate() + days);
  const [y = "", m = "", d = ""] = there.toISOString().slice(0, 10).split("-");
  return [y, month && m, dayOfMonth && d, time, zone].join("");
}
