import { type DataSet, isPrivate, isPrivateCreator, type Tag } from "./data-set";
import { texts } from "./values";

/**
 * Private elements that stay (Retain Safe Private Option, PS3.15 section E.3.10): the numbers of magnetic resonance in Table E.3.10-1, by creator, with group
 * and the last two digits of the element, and their representation.
 */
const safe: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "Philips Imaging DD 001": { "2001:03": "FL", "2001:04": "CS" },
  "SIEMENS MR HEADER": { "0019:0C": "IS", "0019:0D": "CS", "0019:0E": "FD", "0019:27": "FD" },
  GEMS_PARM_01: { "0043:39": "IS" },
};

/** Who owns the block of a private element, PS3.5 section 7.8.1. */
function creatorOf(data: DataSet, tag: Tag): string | undefined {
  return texts(data, `${tag.slice(0, 4)}00${tag.slice(4, 6)}`)[0];
}

/** The representation in which a safe private element stays; undefined for every other private one. */
export function safePrivate(data: DataSet, tag: Tag): string | undefined {
  const creator = isPrivate(tag) && !isPrivateCreator(tag) ? creatorOf(data, tag) : undefined;
  return creator === undefined ? undefined : safe[creator]?.[`${tag.slice(0, 4)}:${tag.slice(6)}`];
}

/** Whether a private creator owns anything safe in this data set. */
export const ownsSafe = (data: DataSet, creator: Tag): boolean =>
  [...data.keys()].some(
    (tag) =>
      tag.startsWith(creator.slice(0, 4)) &&
      tag.slice(4, 6) === creator.slice(6) &&
      safePrivate(data, tag) !== undefined,
  );
