import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const folder = fileURLToPath(new URL("../../../core/stats", import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));

/** `@example CALL // 0.547`: a call with the number it gives, to the digits shown. */
const examples = files.flatMap((file) =>
  [...readFileSync(join(folder, file), "utf8").matchAll(/@example (.+) \/\/ (-?[\d.]+(?:e-?\d+)?)$/gm)].map(
    ([, call = "", shown = ""]) => ({ file, call, shown }),
  ),
);

it("the examples of the documentation are many", () => {
  expect(examples.length).toBeGreaterThan(45);
});

it.each(examples.map((each) => [each.call, each] as const))("%s", async (_, { file, call, shown }) => {
  // An example may call what lies in the same folder.
  const neighbours = files.filter((name) => dirname(name) === dirname(file));
  const scope: Record<string, unknown> = {};
  for (const name of neighbours) Object.assign(scope, await import(/* @vite-ignore */ join(folder, name)));
  const value: unknown = new Function(...Object.keys(scope), `return ${call}`)(...Object.values(scope));
  const decimals = /\.(\d+)/.exec(shown)?.[1]?.length ?? 0;
  expect(Math.abs(Number(value) - Number(shown)), String(value)).toBeLessThanOrEqual(0.5001 * 10 ** -decimals);
});
