import { describe, expect, test } from "vitest";
import { firstKey, type KeyBook, keyOf, shortcutsOf } from "@/app/_keys/keys";
import { viewerKeys } from "@/app/_viewer/keys";
import { readingKeys } from "@/app/studies/[study]/reading/case/keys";
import { chooseKeysInput } from "@/server/schemas/account";

function expectSound<Deed extends string>({ name, keyMap, keysOf, chosenOf, conflictOf, deeds }: KeyBook<Deed>) {
  const all = deeds.flatMap((deed) => keyMap[deed]);
  expect(new Set(all).size, "one thing each").toBe(all.length);
  expect(keysOf({})).toEqual(keyMap);
  expect(chosenOf(keyMap)).toEqual({});
  for (const deed of deeds)
    for (const key of keyMap[deed]) expect(conflictOf(keyMap, deed, key), `${deed}: ${key}`).toBeNull();
  const everything = keysOf(Object.fromEntries(deeds.map((deed, at) => [deed, [`F${at}`]])));
  expect(Object.keys(chosenOf(everything))).toHaveLength(deeds.length);
  expect(chooseKeysInput.safeParse({ name, keys: chosenOf(everything) }).success).toBe(true);
}

describe("the keys", () => {
  test("of the viewer do one thing each, can be given back to their deeds, and are kept as the server takes them", () => {
    expectSound(viewerKeys);
  });

  test("of the reading room do, too", () => {
    expectSound(readingKeys);
  });

  test("of the reading room leave criteria, ratings, confidence and submitting theirs", () => {
    const { keyMap, conflictOf } = readingKeys;
    for (const key of ["1", "9", "0", "Enter", "ArrowLeft", "ArrowUp", "Escape", "Tab", " "])
      expect(conflictOf(keyMap, "positive", key), key).toBe("standing");
    expect(conflictOf(keyMap, "positive", "n")).toEqual({ deed: "negative" });
    expect(conflictOf(keyMap, "positive", "j"), "control").toBeNull();
  });

  test("are those that a person chose, and the others stay", () => {
    const { keyMap, keysOf, isChanged } = viewerKeys;
    const keys = keysOf({ next: ["j"], gone: ["q"] });
    expect([keys.next, keys.previous]).toEqual([["j"], ["ArrowUp"]]);
    expect(Object.keys(keys)).toEqual(Object.keys(keyMap));
    expect([isChanged(keys, "next"), isChanged(keys, "previous")]).toEqual([true, false]);
  });

  test("never do two things, also where a choice from before meets a key that came since", () => {
    const keys = viewerKeys.keysOf({ next: ["o"] });
    expect([keys.next, keys.beside]).toEqual([["o"], []]);
    expect(firstKey(keys, "beside")).toBe("–");
  });

  test("are refused with the name of what has them, and where they are none to choose", () => {
    const { keyMap: own, keysOf, conflictOf } = viewerKeys;
    expect(conflictOf(own, "next", "m")).toEqual({ deed: "measure" });
    expect(conflictOf(own, "next", "=")).toEqual({ deed: "zoomIn" });
    expect(conflictOf(own, "next", "ArrowDown"), "its own").toBeNull();
    expect(conflictOf(own, "next", "j"), "control").toBeNull();
    for (const key of ["Escape", "Tab", "Enter", " ", ",", "."]) expect(conflictOf(own, "next", key)).toBe("standing");
    const keys = keysOf({ measure: ["j"] });
    expect([conflictOf(keys, "next", "m"), conflictOf(keys, "next", "j")]).toEqual([null, { deed: "measure" }]);
  });

  test("are kept as far as they are not the page's own", () => {
    const { keysOf, chosenOf } = viewerKeys;
    const chosen = { next: ["j"], zoomIn: ["+"] };
    expect(chosenOf(keysOf(chosen))).toEqual(chosen);
  });

  test("are the same with Caps Lock, and named as browsers name them", () => {
    const own = viewerKeys.keyMap;
    expect([keyOf({ key: "M" }), keyOf({ key: "PageUp" })]).toEqual(["m", "PageUp"]);
    expect([shortcutsOf(own, "measure"), shortcutsOf(own, "zoomIn"), shortcutsOf(own, "remove")]).toEqual([
      ...["M", "Plus =", "Delete Backspace"],
    ]);
  });
});
