import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Group } from "h5wasm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inKeras } from "@/core/network/in-keras";
import { smallestInput } from "@/core/network/input";
import { programs } from "@/scripts/engine/fetch";
import { formulaImage, formulaUnit, formulaWeights } from "@/scripts/parity/formula";
import { loadPortable } from "@/worker/engines";
import { formats } from "@/worker/export/formats";
import { attributeTexts, readHdf5 } from "@/worker/interchange/hdf5";
import { writeKerasH5 } from "@/worker/interchange/keras-h5";
import { openScorer } from "@/worker/scoring/score";

/** Small, so that Keras has its answer soon; the weights are the same at every size. */
const size = smallestInput;
const parameters = { size, seed: 1, set: 0, count: 2, centre: 0, frozen: 0 };
/** Of logits, between engines at 75 x 75: tests/parity/README.md. */
const tolerance = 5e-5;

const model = {
  layers: formulaWeights(parameters),
  unit: formulaUnit(parameters),
  input: { mean: [0, 0, 0] as [number, number, number], divisor: 1, size, sizeBlind: false },
};
const file = `study${formats["keras-h5"].ending}`;
const folder = mkdtempSync(join(tmpdir(), "nodewise-keras-"));
let bytes: Uint8Array;
beforeAll(async () => {
  bytes = await writeKerasH5(model);
  writeFileSync(join(folder, file), bytes);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("its name says its layout to Keras 3: .h5, and not .weights.h5, under which nothing of it would be loaded", () => {
  // keras/src/saving/saving_api.py, load_weights: ".weights.h5" is the layout of Keras 3, any other ".h5" the one with layer_names.
  expect(file).toMatch(/\.h5$/);
  expect(file).not.toMatch(/\.weights\.h5$/);
});

test("every layer it lists is a group that lists its weights, and every weight is a data set under its name", async () => {
  // As keras/src/legacy/saving/legacy_h5_format.py, load_weights_from_hdf5_group, looks them up.
  const found = await readHdf5(bytes, (root) =>
    (attributeTexts(root, "layer_names") ?? []).map((layer) => {
      const group = root.get(layer);
      if (!(group && "keys" in group)) return { layer, weights: [] };
      return { layer, weights: (attributeTexts(group, "weight_names") ?? []).map((name) => shapeOf(group, name)) };
    }),
  );
  expect(found).toHaveLength(2 * 94 + 1);
  for (const { layer, weights } of found) {
    const filters = expect.any(Number);
    if (layer.startsWith("conv2d")) expect(weights).toEqual([[filters, filters, filters, filters]]);
    else if (layer === "head") expect(weights).toEqual([[2048, 1], [1]]);
    else expect(weights, layer).toEqual([[filters], [filters], [filters]]);
  }
});

function shapeOf(group: Group, name: string): number[] | undefined {
  const found = group.get(name);
  return found && "shape" in found ? (found.shape ?? undefined) : undefined;
}

/** Opens the file as the page says, and prints the logits of the pictures beside it. */
const script = (keras: string) =>
  [
    "import json, sys, numpy",
    ...inKeras({ file, size }).map((line) => line.replace(/^import keras.*/, `import ${keras} as keras`)),
    "pictures = numpy.array(json.load(sys.stdin), 'float32').reshape(-1, model.input_shape[1], model.input_shape[2], 3)",
    "print('logits', json.dumps(model.predict(pictures, verbose=0)[:, 0].tolist()))",
  ].join("\n");

const has = (keras: string) => spawnSync(programs.python, ["-c", `import ${keras}`], { stdio: "ignore" }).status === 0;

describe("under its given name, in the four lines of the page, it gives our logits in", () => {
  test.for(["keras", "tf_keras"])("%s", { timeout: 300_000 }, async (keras, { skip }) => {
    if (!has(keras)) skip(`${programs.python} has no ${keras} (PYTHON names another)`);
    const pictures = [0, 1].map((b) => formulaImage(parameters, b));
    const scorer = openScorer(await loadPortable(), model);
    const ours = await scorer.logits(pictures);
    scorer.dispose();
    const { status, stdout, stderr } = spawnSync(programs.python, ["-c", script(keras)], {
      cwd: folder,
      input: JSON.stringify(pictures.map((picture) => [...picture])),
      encoding: "utf8",
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3" },
    });
    expect(status, stderr.slice(-2_000)).toBe(0);
    const theirs: number[] = JSON.parse(/^logits (.*)$/m.exec(stdout)?.[1] ?? "[]");
    expect(theirs).toHaveLength(2);
    for (const [i, logit] of ours.entries())
      expect(Math.abs(logit - (theirs[i] ?? Number.NaN))).toBeLessThan(tolerance);
  });
});
