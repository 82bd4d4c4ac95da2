export interface PlacedItem {
  id: string;
  subject: string;
  /** Equal for identical pixels. */
  duplicateKey?: string | undefined;
  fold: number;
}

export interface Leak {
  kind: "subject" | "duplicate";
  key: string;
  folds: number[];
}

/** Patients, and images with identical pixels, that stand on two sides of a split. */
export function findLeakage(items: readonly PlacedItem[]): Leak[] {
  const places = new Map<string, { kind: Leak["kind"]; key: string; folds: Set<number> }>();
  const note = (kind: Leak["kind"], key: string, fold: number) => {
    const place = places.get(`${kind} ${key}`) ?? { kind, key, folds: new Set<number>() };
    place.folds.add(fold);
    places.set(`${kind} ${key}`, place);
  };
  for (const item of items) {
    note("subject", item.subject, item.fold);
    if (item.duplicateKey !== undefined) note("duplicate", item.duplicateKey, item.fold);
  }
  return [...places.values()]
    .filter((place) => place.folds.size > 1)
    .map((place) => ({ ...place, folds: [...place.folds].sort((a, b) => a - b) }));
}

/** A split that would let the network see in training what it is judged on. */
export class LeakageError extends Error {
  override name = "LeakageError";
  constructor(readonly leaks: readonly Leak[]) {
    const named = leaks.slice(0, 5).map((leak) => `${leak.kind} ${leak.key} (folds ${leak.folds.join(", ")})`);
    const more = leaks.length > 5 ? ` and ${leaks.length - 5} more` : "";
    super(`The split leaks: ${named.join("; ")}${more}. Split by patient and keep identical images together.`);
  }
}

/** @throws LeakageError when a patient or an image stands on two sides */
export function refuseLeakage(items: readonly PlacedItem[]): void {
  const leaks = findLeakage(items);
  if (leaks.length > 0) throw new LeakageError(leaks);
}
