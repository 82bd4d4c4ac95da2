import { zipSync } from "fflate";
import { expect, test } from "vitest";
import { filesChosen } from "@/app/_lib/dropped-files";

/* Files that somebody chose, numbered by their names: what has no other order is shown by that. */

const file = (name: string, content: BlobPart = name) => new File([content], name);
async function numbered(...files: File[]): Promise<[number, string][]> {
  const found: [number, string][] = [];
  for await (const { ordinal, path, blob } of filesChosen(files)) {
    expect(path.endsWith(await blob.text()), "its own bytes").toBe(true);
    found.push([ordinal, path]);
  }
  return found.sort(([a], [b]) => a - b);
}
const zipped = (...names: string[]) =>
  file("all.zip", zipSync(Object.fromEntries(names.map((name) => [name, new TextEncoder().encode(name)]))).slice());

test("files are numbered in natural order, whatever order the browser has them in", async () => {
  expect(await numbered(file("10.png"), file("2.png"), file("1.png"))).toEqual([
    [1, "1.png"],
    [2, "2.png"],
    [3, "10.png"],
  ]);
});

test("files of a ZIP are numbered by their names, too, and the files beside it before and after", async () => {
  const zip = zipped("b/10.png", "b/2.png", "图 1.png");
  expect(await numbered(file("z.png"), zip, file("a.png"))).toEqual([
    [1, "a.png"],
    [2, "all.zip/b/2.png"],
    [3, "all.zip/b/10.png"],
    [4, "all.zip/图 1.png"],
    [5, "z.png"],
  ]);
});

test("a ZIP without a directory at its end gives its files in the order in which they lie there, each with a number of its own", async () => {
  const whole = new Uint8Array(await zipped("10.png", "2.png").arrayBuffer());
  const end = Buffer.from(whole).indexOf("PK\u0001\u0002");
  expect(await numbered(file("all.zip", whole.slice(0, end)))).toEqual([
    [1, "all.zip/10.png"],
    [2, "all.zip/2.png"],
  ]);
});

test("what systems put beside files is left out", async () => {
  expect(await numbered(file(".DS_Store"), zipped("__MACOSX/._1.png", "1.png"))).toEqual([[1, "all.zip/1.png"]]);
});
