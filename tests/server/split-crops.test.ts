import { expect, test } from "vitest";
import { drawNode } from "@/core/phantom/node";
import { signatureOf } from "@/server/image-signature";
import type { LabelledCrop } from "@/server/services/dataset/find-labelled-crops";
import { splitCrops } from "@/server/services/dataset/split-crops";

test("while folds are found, whoever else asks this process is answered", async () => {
  const crops = Array.from({ length: 300 }, (_, seed): LabelledCrop => {
    const drawn = drawNode({ seed, plane: "axial", positive: seed % 2 === 0, shortAxisMm: 4 + (seed % 9) });
    return {
      cropId: `crop ${seed}`,
      nodeId: `node ${seed}`,
      subjectId: `patient ${seed}`,
      subject: `P-${seed}`,
      node: "N1",
      plane: "axial",
      sha256: String(seed),
      pixelSha256: String(seed),
      signature: signatureOf({ ...drawn, channels: 1 }),
      width: drawn.width,
      height: drawn.height,
      truth: seed % 2 === 0 ? 1 : 0,
      shortAxisMm: null,
    };
  });
  let turns = 0;
  const count = () => {
    turns++;
    others = setImmediate(count);
  };
  let others = setImmediate(count);
  const { foldOf } = await splitCrops(crops, { folds: 5, seed: 1, splitUnit: "patient" });
  clearImmediate(others);
  expect(turns).toBeGreaterThan(10);
  expect(new Set(crops.map(({ cropId }) => foldOf(cropId)))).toEqual(new Set([0, 1, 2, 3, 4]));
});
