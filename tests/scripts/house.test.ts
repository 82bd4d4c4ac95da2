import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

/*
 * The house has floors: whoever opens a folder can read it without what stands above. A folder is here a room with a level more
 * (`worker/inception`, `server/services/model`, `core/stats/roc`, a page of a study with its parts); a file that lies directly in a room is
 * one for itself.
 */

const rooms = ["app", "core", "db", "scripts", "server", "worker"];

/** How many names of its path make a folder, by where it lies. */
const levels: [under: string, names: number][] = [
  ["app/studies/[study]/", 4],
  ["core/stats/", 3],
  ["server/services/", 3],
  ["", 2],
];

function folderOf(file: string): string {
  const [, names = 2] = levels.find(([under]) => file.startsWith(under)) ?? [];
  return file.split("/").slice(0, names).join("/");
}

const isFile = (path: string) => existsSync(path) && statSync(path).isFile();

/** The file of this tree that an import names; undefined where it is a package's. */
function fileOf(from: string, named: string): string | undefined {
  const path = named.startsWith("@/") ? named.slice(2) : join(dirname(from), named);
  if (!named.startsWith("@/") && !named.startsWith(".")) return undefined;
  return [path, `${path}.ts`, `${path}.tsx`, `${path}/index.ts`].find(isFile);
}

interface Need {
  from: string;
  to: string;
  /** A file and what it imports. */
  by: string;
}

/** What folders need of each other, by `import … from "x"`, `export … from "x"` and `import("x")`. */
function needs(): Need[] {
  const files = rooms.flatMap((room) =>
    readdirSync(room, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(ts|tsx|mjs)$/.test(name))
      .map((name) => join(room, name)),
  );
  return files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/\b(?:from|import)\s*\(?\s*"([^"]+)"/g)].flatMap(([, named = ""]) => {
      const imported = fileOf(file, named);
      const [from, to] = [folderOf(file), imported && folderOf(imported)];
      return to === undefined || to === from ? [] : [{ from, to, by: `${file} -> ${imported}` }];
    }),
  );
}

/** What is left when every folder that needs nothing more, or is needed by none, is taken away: circles, and what lies between them. */
function circles(all: readonly Need[]): Need[] {
  const [froms, tos] = [new Set(all.map(({ from }) => from)), new Set(all.map(({ to }) => to))];
  const left = all.filter(({ from, to }) => froms.has(to) && tos.has(from));
  return left.length === all.length ? left : circles(left);
}

test("no two folders need each other, and no more of them in a circle", () => {
  const all = needs();
  expect(all.length, "the imports are read").toBeGreaterThan(1_000);
  expect(circles(all).map(({ by }) => by)).toEqual([]);
});

test("a circle is found, and what hangs on it is not taken for one", () => {
  const need = (from: string, to: string): Need => ({ from, to, by: "" });
  expect(circles([need("a", "b"), need("b", "c"), need("c", "d")])).toEqual([]);
  const [ab, ba] = [need("a", "b"), need("b", "a")];
  expect(circles([ab, ba, need("c", "a"), need("b", "d")])).toEqual([ab, ba]);
  expect(circles([need("a", "b"), need("b", "c"), need("c", "a")])).toHaveLength(3);
});

test("a service does one thing: no file of one exports two functions", () => {
  const services = readdirSync("server/services", { recursive: true, encoding: "utf8" })
    .map((name) => join("server/services", name))
    .filter((path) => path.endsWith(".ts"));
  const functions = /^export (?:async function|function|const) (\w+)(?:[(<]|(?:: .*)? = (?:async )?[(<])/gm;
  const exported = services.map((path) => ({
    path,
    names: [...readFileSync(path, "utf8").matchAll(functions)].map(([, name]) => name),
  }));
  expect(exported.filter(({ names }) => names.length === 1).length).toBeGreaterThan(50);
  expect(exported.filter(({ names }) => names.length > 1)).toEqual([]);
});
