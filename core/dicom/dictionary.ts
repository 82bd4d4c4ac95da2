import type { Tag } from "./data-set";
import dictionary from "./tables/dictionary.json";

interface Entry {
  /** One representation, or several of which the data set decides: "US|SS". */
  vr: string;
  keyword: string;
}

const entries = new Map<Tag, Entry>(
  dictionary.rows.map((row) => {
    const [tag = "", vr = "", keyword = ""] = row.split(" ");
    return [tag, { vr, keyword }];
  }),
);

/** Curves (50xx) and overlays (60xx) repeat in 16 groups, PS3.5 section 7.6; the tables have them once. */
export const asInTables = (tag: Tag): Tag =>
  /^[56]0[0-9A-F][02468ACE]/.test(tag) ? `${tag.slice(0, 2)}XX${tag.slice(4)}` : tag;

/** What PS3.6 says of an element; undefined where it is private or of another edition. */
export const entryOf = (tag: Tag): Entry | undefined => entries.get(asInTables(tag));

/** The name that programs use, e.g. "PatientName"; the tag itself where it has none. */
export const keywordOf = (tag: Tag): string => entryOf(tag)?.keyword ?? `(${tag.slice(0, 4)},${tag.slice(4)})`;

const byKeyword = new Map([...entries].map(([tag, { keyword }]) => [keyword, tag]));

/** The tag of a keyword of PS3.6. @throws Error for a keyword that is none: a fault of the program. */
export function tagOf(keyword: string): Tag {
  const tag = byKeyword.get(keyword);
  if (tag === undefined) throw new Error(`${keyword} is no keyword of PS3.6.`);
  return tag;
}
