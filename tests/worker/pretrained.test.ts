import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile, truncate } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { convolutions } from "@/core/network/inception";
import { sayIn } from "@/core/words";
import { formulaUnit, formulaWeights } from "@/scripts/parity/formula";
import type { LayerWeights } from "@/worker/inception/network";
import { imagenetFile, writeKerasH5 } from "@/worker/interchange/keras-h5";
import { loadImagenetWeights, type PublishedFile } from "@/worker/weights/imagenet";
import { joinLayers, sha256Of } from "@/worker/weights/kept";
import { loadPretrained, randomLayers } from "@/worker/weights/pretrained";

const folder = mkdtempSync(join(tmpdir(), "nodewise-pretrained-test-"));
const given = join(folder, "given.h5");
const environment = { ...process.env };
const parameters = { size: 299, seed: 1, set: 0, count: 1, centre: 0, frozen: 0 };

let layers: LayerWeights[];
/** What stands for the published file here: the official one cannot be in a test. */
let file: PublishedFile;
beforeAll(async () => {
  layers = formulaWeights(parameters);
  const bytes = await writeKerasH5({
    layers,
    unit: formulaUnit(parameters),
    input: { mean: [127.5, 127.5, 127.5], divisor: 127.5, size: 299 },
  });
  writeFileSync(given, bytes);
  file = {
    name: imagenetFile.name,
    // Nothing answers at the discard port.
    url: "http://127.0.0.1:9/weights.h5",
    bytes: bytes.length,
    md5: createHash("md5").update(bytes).digest("hex"),
  };
});
afterEach(() => {
  process.env = { ...environment };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An empty cache, and perhaps a file brought along. */
function prepare(cache: string, brought?: string): string {
  process.env.NODEWISE_CACHE = join(folder, cache);
  if (brought === undefined) delete process.env.NODEWISE_IMAGENET_WEIGHTS;
  else process.env.NODEWISE_IMAGENET_WEIGHTS = brought;
  return join(folder, cache, "inception-v3-imagenet-keras.f32");
}

describe("ImageNet weights", () => {
  test("brought as a file are converted once, and read from the cache after that; a damaged cache is removed", async () => {
    const kept = prepare("brought", given);
    const read = await loadImagenetWeights({ file });
    expect(sha256Of(joinLayers(read.layers))).toBe(read.sha256);
    expect(read.sha256).toBe(sha256Of(joinLayers(layers)));
    expect((await readFile(`${kept}.sha256`, "utf8")).trim()).toBe(read.sha256);

    delete process.env.NODEWISE_IMAGENET_WEIGHTS;
    const again = await loadPretrained("imagenet-keras", { seed: 1 });
    expect(again.sha256).toBe(read.sha256);
    expect(sha256Of(joinLayers(again.layers))).toBe(read.sha256);

    await truncate(kept, 1_000);
    await expect(loadPretrained("imagenet-keras", { seed: 1 })).rejects.toThrow(/damaged and have been removed/);
    expect(existsSync(kept)).toBe(false);
  });

  test("are fetched where there is internet, and the log says so", async () => {
    prepare("fetched");
    const bytes = await readFile(given);
    const server = createServer((_, response) => response.end(bytes));
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    try {
      const address = server.address();
      const port = address && typeof address === "object" ? address.port : 0;
      const lines: string[] = [];
      const read = await loadImagenetWeights({
        file: { ...file, url: `http://127.0.0.1:${port}/` },
        onLog: (line) => void lines.push(sayIn("en")(line)),
      });
      expect(read.sha256).toBe(sha256Of(joinLayers(layers)));
      expect(lines).toEqual(["Fetching the ImageNet weights (88 MB, once on this machine)."]);
    } finally {
      server.close();
    }
  });

  test("without internet are asked for, with the file, its address and where to name it", async () => {
    const kept = prepare("offline");
    await expect(loadImagenetWeights({ file })).rejects.toThrow(
      /could not be fetched .*127\.0\.0\.1:9\/weights\.h5 \(\d+ bytes\).*notop\.h5 here and name its path with NODEWISE_IMAGENET_WEIGHTS/,
    );
    expect(existsSync(kept)).toBe(false);
  });

  test("of another size, with a byte changed, or at a path with nothing are refused", async () => {
    prepare("refused", given);
    const load = (expected: Partial<PublishedFile>) => loadImagenetWeights({ file: { ...file, ...expected } });
    await expect(load({ bytes: 87_910_968 })).rejects.toThrow(/given\.h5 has \d+ bytes; .* publishes it has 87910968/);
    await expect(load({ md5: imagenetFile.md5 })).rejects.toThrow(
      /its MD5 is .*, not bcbd6486424b2319ff4ef7d526e38f63/,
    );
    prepare("refused", join(folder, "nothing.h5"));
    await expect(load({})).rejects.toThrow(/NODEWISE_IMAGENET_WEIGHTS names .*nothing\.h5, which cannot be read/);
  });
});

describe("random weights", () => {
  test("are the same for a seed and others for another", async () => {
    const first = await loadPretrained("random", { seed: 7 });
    expect(first.layers).toHaveLength(convolutions);
    expect(sha256Of(joinLayers(randomLayers(7)))).toBe(first.sha256);
    expect(sha256Of(joinLayers(randomLayers(8)))).not.toBe(first.sha256);
  });

  test("have the spread of He's rule, and normalisations that change nothing", () => {
    for (const { kernel, beta, mean, variance } of randomLayers(7).slice(0, 10)) {
      const inputs = kernel.length / beta.length;
      const squares = kernel.reduce((sum, value) => sum + value * value, 0) / kernel.length;
      // Variance 2 / inputs; the smallest kernel has 864 numbers, so that its estimate has a standard error of 3 %.
      expect(Math.abs((squares * inputs) / 2 - 1)).toBeLessThan(0.15);
      expect([...beta, ...mean].every((value) => value === 0) && variance.every((value) => value === 1)).toBe(true);
    }
  });
});
