import { type DataSet, type Element, isSequence, type Tag } from "./data-set";
import { tagOf } from "./dictionary";
import { itemsOf, number } from "./values";

const shared = tagOf("SharedFunctionalGroupsSequence");
const perFrame = tagOf("PerFrameFunctionalGroupsSequence");

/** How many pictures a data set holds. */
export const frameCount = (data: DataSet): number => Math.max(1, number(data, tagOf("NumberOfFrames")) ?? 1);

/**
 * The attributes of one frame in one list, as a file with one picture has them: of an Enhanced image the macros of the frame over those of all frames (PS3.3
 * section C.7.6.16) over the rest. Of several items of a macro the first counts.
 * @param frame counted from 0
 */
export function frameOf(data: DataSet, frame: number): DataSet {
  if (!data.has(shared) && !data.has(perFrame)) return data;
  const groups = [itemsOf(data, shared)[0], itemsOf(data, perFrame)[frame]];
  const out = new Map<Tag, Element>([...data].filter(([tag]) => tag !== shared && tag !== perFrame));
  for (const group of groups)
    for (const macro of group?.values() ?? [])
      for (const [tag, element] of (isSequence(macro) && macro.items[0]) || []) out.set(tag, element);
  return out;
}
