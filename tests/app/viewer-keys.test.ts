import { describe, expect, test } from "vitest";
import { chosenOf, conflictOf, firstKey, isChanged, keyMap, keyOf, keysOf, shortcutsOf } from "@/app/_viewer/keys";
import { chooseKeysInput } from "@/server/schemas/account";

const own = keysOf({});

describe("the keys of the viewer", () => {
  test("do one thing each", () => {
    const all = Object.values(keyMap).flat();
    expect(new Set(all).size).toBe(all.length);
    expect(own).toEqual(keyMap);
  });

  test("are those that a person chose, and the others stay", () => {
    const keys = keysOf({ next: ["j"], gone: ["q"] });
    expect([keys.next, keys.previous]).toEqual([["j"], ["ArrowUp"]]);
    expect(Object.keys(keys)).toEqual(Object.keys(keyMap));
    expect([isChanged(keys, "next"), isChanged(keys, "previous")]).toEqual([true, false]);
  });

  test("never do two things, also where a choice from before meets a key that came since", () => {
    const keys = keysOf({ next: ["o"] });
    expect([keys.next, keys.beside]).toEqual([["o"], []]);
    expect(firstKey(keys, "beside")).toBe("–");
  });

  test("are refused with the name of what has them, and where they are none to choose", () => {
    expect(conflictOf(own, "next", "m")).toBe("measure");
    expect(conflictOf(own, "next", "=")).toBe("zoomIn");
    expect(conflictOf(own, "next", "ArrowDown"), "its own").toBeNull();
    expect(conflictOf(own, "next", "j"), "control").toBeNull();
    for (const key of ["Escape", "Tab", "Enter", " ", ",", "."]) expect(conflictOf(own, "next", key)).toBe("standing");
    const keys = keysOf({ measure: ["j"] });
    expect([conflictOf(keys, "next", "m"), conflictOf(keys, "next", "j")]).toEqual([null, "measure"]);
  });

  test("are kept as far as they are not the viewer's own, as the server takes them", () => {
    expect(chosenOf(own)).toEqual({});
    const chosen = { next: ["j"], zoomIn: ["+"] };
    expect(chosenOf(keysOf(chosen))).toEqual(chosen);
    const everything = Object.fromEntries(Object.keys(keyMap).map((deed, at) => [deed, [`F${at}`]]));
    expect(chooseKeysInput.safeParse({ name: "viewer_keys", keys: chosenOf(keysOf(everything)) }).success).toBe(true);
  });

  test("are the same with Caps Lock, and named as browsers name them", () => {
    expect([keyOf({ key: "M" }), keyOf({ key: "PageUp" })]).toEqual(["m", "PageUp"]);
    expect([shortcutsOf(own, "measure"), shortcutsOf(own, "zoomIn"), shortcutsOf(own, "remove")]).toEqual([
      ...["M", "Plus =", "Delete Backspace"],
    ]);
  });
});
