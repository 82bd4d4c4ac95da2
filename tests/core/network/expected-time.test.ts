import { describe, expect, it } from "vitest";
import { expectedSweep, expectedTime } from "@/core/network/expected-time";
import { fineTuning } from "@/tests/support/model-runs";

const run = (frozen: number, imagesPerSecond: number, changes: object = {}) => ({
  state: "done",
  companionOf: null,
  images: 100,
  config: { ...fineTuning, frozen, frozenUnit: "blocks" as const },
  environment: { engine: "native" },
  figures: { seconds: 60, imagesPerSecond },
  ...changes,
});
const asked = {
  trainable: "network" as const,
  frozen: 3,
  frozenUnit: "blocks" as const,
  epochs: 200,
  folds: 5,
  tuningFraction: 0.2,
  engine: "fastest",
};

describe("the expected time of a training", () => {
  it("is that of the images of every fold and epoch, at the rate of the newest finished run of this depth", () => {
    const runs = [
      run(3, 9, { state: "failed" }),
      run(3, 5, { companionOf: "another" }),
      run(3, 4),
      run(3, 1),
      run(0, 2),
    ];
    // 100 images, 0.8 of them trained on, five folds less the one left out and once on everything: 5 times a fold, 200 epochs.
    expect(expectedTime(runs, asked)).toEqual({
      seconds: 80_000 / 4,
      engine: "native",
      by: "depth",
      imagesPerSecond: 4,
    });
  });

  it("is judged by the nearest depth where none is the same, and unknown without any run of the kind or on the engine", () => {
    const runs = [run(9, 8), run(2, 3), run(0, 2)];
    expect(expectedTime(runs, asked)).toMatchObject({ by: "near", imagesPerSecond: 3 });
    expect(expectedTime(runs, { ...asked, engine: "portable" })).toBeNull();
    expect(expectedTime(runs, { ...asked, trainable: "head" })).toBeNull();
    expect(expectedTime([], asked)).toBeNull();
  });

  it("of a sweep is the sum over its depths", () => {
    const runs = [run(0, 2), run(9, 8)];
    expect(expectedSweep(runs, asked, [0, 9])).toMatchObject({ seconds: 80_000 / 2 + 80_000 / 8, by: "depth" });
    expect(expectedSweep(runs, asked, [0, 8])).toMatchObject({ by: "near" });
    expect(expectedSweep(runs, asked, [])).toBeNull();
    expect(expectedSweep([], asked, [0])).toBeNull();
  });
});
