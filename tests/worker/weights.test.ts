import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { copyFile, readFile, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { convolutions } from "@/core/network/inception";
import { ensureWeights, readWeights } from "@/worker/weights/pretrained";

const folder = mkdtempSync(join(tmpdir(), "nodewise-weights-test-"));
let kept: string;
beforeAll(async () => {
  kept = await ensureWeights();
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the published weights are read whole", async () => {
  const layers = await readWeights(kept);
  expect(layers).toHaveLength(convolutions);
  expect(layers[0]?.kernel).toHaveLength(3 * 3 * 3 * 32);
});

test("a truncated or altered file is refused and removed, so that the next start fetches it anew", async () => {
  for (const damage of ["truncated", "altered"]) {
    const path = join(folder, damage);
    await copyFile(kept, path);
    if (damage === "truncated") await truncate(path, 1_000);
    else {
      const bytes = await readFile(path);
      bytes[1_000] = (bytes[1_000] ?? 0) ^ 1;
      writeFileSync(path, bytes);
    }
    await expect(readWeights(path), damage).rejects.toThrow(/damaged and have been removed/);
    await expect(readFile(path)).rejects.toThrow(/ENOENT/);
  }
});

test("a package that is not the published one is refused, and so is a path that holds none", async () => {
  const environment = { ...process.env };
  try {
    process.env.NODEWISE_CACHE = join(folder, "cache");
    process.env.NODEWISE_WEIGHTS = join(folder, "nothing.tgz");
    await expect(ensureWeights()).rejects.toThrow(/NODEWISE_WEIGHTS names .*nothing\.tgz, which cannot be read/);
    writeFileSync(join(folder, "other.tgz"), "something else");
    process.env.NODEWISE_WEIGHTS = join(folder, "other.tgz");
    await expect(ensureWeights()).rejects.toThrow(/not the published one/);
  } finally {
    process.env = environment;
  }
});
