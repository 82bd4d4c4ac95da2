import { describe, expect, test } from "vitest";
import { address, addressOf } from "@/app/studies/[study]/analysis/cases/address";
import { moveOf } from "@/app/studies/[study]/analysis/cases/move-of";

const id = "0b1f6c0e-6f0a-4c3e-9d8e-2a4b6c8d0e1f";
const named = (search: string) => address.parse(Object.fromEntries(new URLSearchParams(search)));

describe("the address of the case explorer", () => {
  test("holds what is asked, the page and the opened case, and nothing that goes without saying", () => {
    const {
      run,
      page,
      case: opened,
      ...asked
    } = named(`run=${id}&show=missed&reader=R 2&network=right&page=3&case=${id}`);
    const at = addressOf({ study: "s", run, asked, page, opened });
    expect(at.split("?")[0]).toBe("/studies/s/analysis/cases");
    expect(named(at.split("?")[1] ?? "")).toEqual({ run, page: 3, case: opened, ...asked });
    const { run: none, page: first, case: closed, ...all } = named("");
    expect(addressOf({ study: "s", run: none, asked: all, page: first ?? 1, opened: closed })).toBe(
      "/studies/s/analysis/cases",
    );
  });

  test("that asks for what there is not asks for all", () => {
    expect(address.parse({ show: "nonsense", sort: ["error"], reader: ["R2", "R3"], page: "0", case: "x" })).toEqual(
      named(""),
    );
    expect(named("page=1.5").page).toBeUndefined();
  });
});

describe("keys in the case explorer", () => {
  const at = { row: 1, rows: 3, page: 2, pages: 3, isOpen: false, isInCase: false };
  const moves = (keys: string[], change: Partial<typeof at> = {}) =>
    keys.map((key) => moveOf(key, { ...at, ...change }));

  test("go from row to row, and over the end of a page to the next one", () => {
    expect(moves(["j", "ArrowDown", "k", "ArrowUp", "Home", "End"])).toEqual(
      [2, 2, 0, 0, 0, 2].map((row) => ({ row })),
    );
    expect(moves(["j"], { row: 2 })).toEqual([{ page: 3, enter: "first" }]);
    expect(moves(["k"], { row: 0 })).toEqual([{ page: 1, enter: "last" }]);
    expect(moves(["j"], { row: 2, page: 3 })).toEqual([{ row: 2 }]);
    expect(moves(["ArrowUp"], { row: 0, page: 1 })).toEqual([{ row: 0 }]);
    expect(moves(["k"], { row: -1 }), "nothing is chosen on this page").toEqual([{ row: 0 }]);
  });

  test("leave the arrows to the opened case, which scrolls by them, and every other key to the browser", () => {
    expect(moves(["ArrowDown", "ArrowUp", "Home", "End"], { isInCase: true })).toEqual([null, null, null, null]);
    expect(moves(["j", "Escape"], { isInCase: true, isOpen: true })).toEqual([{ row: 2 }, "close"]);
    expect(moves(["Escape", "Enter", " ", "Tab", "a"])).toEqual([null, null, null, null, null]);
    expect(moves(["j", "End"], { rows: 0, row: -1 })).toEqual([null, null]);
  });
});
