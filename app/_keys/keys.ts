import type { KeySetting } from "@/server/schemas/account";
import { isTyped } from "./is-typed";

/** The keys of each deed, of one person. */
export type Keys<Deed extends string> = Readonly<Record<Deed, readonly string[]>>;

export type KeyBook<Deed extends string> = ReturnType<typeof keyBook<Deed>>;

/** What the keys of a page do, under each person's own choice. */
export function keyBook<Deed extends string>({
  name,
  keyMap,
  standing,
}: {
  /** Under which a person's choice is kept. */
  name: KeySetting;
  /** What keys do until somebody chooses others, in the order in which the map of the keyboard shows them. */
  keyMap: Keys<Deed>;
  /** Keys that are nobody's to choose: they belong to the browser, or always do the same on the page. */
  standing: readonly string[];
}) {
  const deeds = Object.keys(keyMap) as Deed[];
  const isChanged = (keys: Keys<Deed>, deed: Deed): boolean => keys[deed].join(" ") !== keyMap[deed].join(" ");
  return {
    name,
    keyMap,
    deeds,
    isChanged,
    /** The keys of a person: those that were chosen, and of the others what these left of their own. */
    keysOf(chosen: Readonly<Record<string, readonly string[]>>): Keys<Deed> {
      const taken = new Set(deeds.flatMap((deed) => chosen[deed] ?? []));
      const entries = deeds.map((deed) => [deed, chosen[deed] ?? keyMap[deed].filter((key) => !taken.has(key))]);
      return Object.fromEntries(entries);
    },
    /** What stands against a key for a deed: another deed that has it, or that it is none to be chosen; null: nothing. */
    conflictOf(keys: Keys<Deed>, deed: Deed, key: string): { deed: Deed } | "standing" | null {
      if (standing.includes(key)) return "standing";
      const other = deeds.find((each) => each !== deed && keys[each].includes(key));
      return other === undefined ? null : { deed: other };
    },
    /** What is kept of a person's choice: the deeds whose keys are not their own. */
    chosenOf: (keys: Keys<Deed>): Record<string, string[]> =>
      Object.fromEntries(deeds.filter((deed) => isChanged(keys, deed)).map((deed) => [deed, [...keys[deed]]])),
    /** What a key does here; undefined while somebody types, and for keys of the browser. */
    deedOfKey(event: KeyboardEvent, keys: Keys<Deed>): Deed | undefined {
      if (isTyped(event.target) || event.ctrlKey || event.metaKey || event.altKey) return undefined;
      const key = keyOf(event);
      return deeds.find((deed) => keys[deed].includes(key));
    },
  };
}

/** The name under which a key is kept: letters are small, whether Shift or Caps Lock is on. */
export const keyOf = ({ key }: Pick<KeyboardEvent, "key">): string => (key.length === 1 ? key.toLowerCase() : key);

/** A key as keyboards have it printed. */
export const printedKey = (key: string): string => printed[key] ?? (key.length === 1 ? key.toUpperCase() : key);
const printed: Readonly<Record<string, string>> = {
  ...{ ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→" },
  Escape: "Esc",
};

/** The key of a deed as a sentence names it. */
export function firstKey<Deed extends string>(keys: Keys<Deed>, deed: Deed): string {
  const [first] = keys[deed];
  return first === undefined ? "–" : printedKey(first);
}

/** The keys of a deed as `aria-keyshortcuts` names them. */
export const shortcutsOf = <Deed extends string>(keys: Keys<Deed>, deed: Deed): string =>
  keys[deed].map((key) => (key === "+" ? "Plus" : key.length === 1 ? key.toUpperCase() : key)).join(" ");
