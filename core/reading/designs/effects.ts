import type { DesignInput, DrawnList } from "./design";

/** What a design asks of its readers in one condition, and what the order of the lists does to it. */
export interface EffectsOfCondition {
  condition: string;
  /** Reads of the reader who has fewest, and of the one who has most. */
  reads: { least: number; most: number };
  /** Sittings of the reader who has most. */
  sessions: number;
  /** At the image, of the reader who has most. */
  minutes: number;
  /** Of the reads, those before which their reader had not read the case in another condition: 0 to 1. */
  first: number;
  /** Where a case stands among those that a reader reads in the condition, 0 at their beginning to 1 at their end, on average over its readers: of the case that stands first on average, and last. */
  place: { first: number; last: number } | null;
}

/** What lists that are drawn ask of readers, by condition. Sittings end with a list: another condition, or block, is another one. */
export function effectsOf(
  { readers, conditions }: Pick<DesignInput, "readers" | "conditions">,
  lists: readonly DrawnList[],
  { perSession, minutesPerRead }: { perSession: number; minutesPerRead: number },
): EffectsOfCondition[] {
  const seen = new Set<string>();
  const isFirst = new Map<DrawnList, number>();
  for (const list of lists) {
    const fresh = list.cases.filter(({ id }) => !seen.has(`${list.reader} ${id}`));
    isFirst.set(list, fresh.length);
    for (const { id } of fresh) seen.add(`${list.reader} ${id}`);
  }
  return conditions.map((condition) => {
    const own = lists.filter((list) => list.condition === condition);
    const of = (reader: string) => own.filter((list) => list.reader === reader);
    const reads = readers.map((reader) => sum(of(reader).map(({ cases }) => cases.length)));
    const most = Math.max(0, ...reads);
    const all = sum(reads);
    return {
      condition,
      reads: { least: Math.min(...reads, most), most },
      sessions: Math.max(
        0,
        ...readers.map((reader) => sum(of(reader).map(({ cases }) => Math.ceil(cases.length / perSession)))),
      ),
      minutes: most * minutesPerRead,
      first: all === 0 ? 0 : sum(own.map((list) => isFirst.get(list) ?? 0)) / all,
      place: placesIn(own),
    };
  });
}

function placesIn(lists: readonly DrawnList[]): EffectsOfCondition["place"] {
  const places = new Map<string, number[]>();
  for (const reader of new Set(lists.map((list) => list.reader))) {
    const cases = lists.filter((list) => list.reader === reader).flatMap((list) => list.cases);
    for (const [at, { id }] of cases.entries()) {
      const before = places.get(id);
      const place = (at + 0.5) / cases.length;
      if (before) before.push(place);
      else places.set(id, [place]);
    }
  }
  if (places.size === 0) return null;
  const means = [...places.values()].map((each) => sum(each) / each.length);
  return { first: Math.min(...means), last: Math.max(...means) };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
