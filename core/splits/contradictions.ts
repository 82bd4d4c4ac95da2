import type { Said } from "@/core/words";
import type { Link } from "./groups";

export interface JudgedPicture {
  id: string;
  /** Undefined: not known. */
  truth: 0 | 1 | undefined;
  /** Equal for identical pixels. */
  duplicateKey: string;
}

export interface Contradiction {
  /** Ids, in the order of the items. */
  first: string;
  second: string;
  /** The pixels are the same; else they are nearly the same. */
  identical: boolean;
}

/**
 * The same picture with opposite truths: one of the two is wrong, or the picture is. Of identical pixels each picture is held against the first with
 * another truth, so that a group of many stays short; of near-duplicates (`links`) every pair counts.
 */
export function contradictionsIn(items: readonly JudgedPicture[], links: readonly Link[]): Contradiction[] {
  const groups = new Map<string, JudgedPicture[]>();
  for (const item of items) {
    if (item.truth === undefined) continue;
    const group = groups.get(item.duplicateKey);
    if (group) group.push(item);
    else groups.set(item.duplicateKey, [item]);
  }
  const identical = [...groups.values()].flatMap((group) => {
    const [first] = group;
    return group.flatMap((each) =>
      first && each.truth !== first.truth ? [{ first: first.id, second: each.id, identical: true }] : [],
    );
  });
  const placeOf = new Map(items.map((item, place) => [item.id, { ...item, place }]));
  const alike = links.flatMap((link) => {
    const [first, second] = link
      .flatMap((id) => placeOf.get(id) ?? [])
      .toSorted((one, other) => one.place - other.place);
    if (first?.truth === undefined || second?.truth === undefined || first.truth === second.truth) return [];
    if (first.duplicateKey === second.duplicateKey) return [];
    return [{ first: first.id, second: second.id, identical: false }];
  });
  return [...identical, ...alike];
}

type Place = { subject: string; node: string; plane: string };

/** Two images by their places, as import, lock and model card say it. */
export function contradictionInWords({
  first,
  second,
  identical,
}: {
  first: Place;
  second: Place;
  identical: boolean;
}): Said {
  const place = (values: Place): Said => ({ key: "errors.image_place", values });
  const places: Said = { key: "errors.listed", values: { first: place(first), rest: place(second) } };
  return {
    key: identical ? "errors.same_pixels_truths_differ" : "errors.look_alike_truths_differ",
    values: { places },
  };
}
