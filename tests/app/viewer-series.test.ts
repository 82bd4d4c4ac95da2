import { describe, expect, test } from "vitest";
import { coverOf } from "@/app/_viewer/thumbnail";
import type { SeriesView } from "@/server/schemas/series";

const stack = (letter: string, count: number): SeriesView["stacks"][number] => ({
  orientation: { name: "axial", nearest: "axial", tilt: 0 },
  frames: Array.from({ length: count }, (_, at) => ({
    ...{ instanceId: `${letter}${at}`, frame: 1 },
    plane: {
      ...{ position: [0, 0, at], row: [1, 0, 0], column: [0, 1, 0], normal: [0, 0, 1] },
      ...{ spacing: { rows: 1, columns: 1, source: "patient" }, width: 10, height: 10 },
    },
  })),
  ...{ step: 1, gaps: [], shared: [] },
});
const series = (parts: Partial<SeriesView>): SeriesView => ({
  ...{ id: "s", modality: "MR", number: 1, description: null, space: null },
  ...{ stacks: [], withoutPlane: [], held: 0, unlooked: 0, ...parts },
});

describe("the picture by which a series is known again", () => {
  test("is the middle image of its largest stack", () => {
    expect(coverOf(series({ stacks: [stack("a", 3), stack("b", 7)] }))).toMatchObject({ instanceId: "b3" });
    expect(coverOf(series({ stacks: [stack("a", 1)] }))).toMatchObject({ instanceId: "a0" });
  });

  test("is one that does not say where it lies, where all are such", () => {
    const withoutPlane = [1, 2, 3].map((frame) => ({ instanceId: "c", frame, width: 10, height: 10 }));
    expect(coverOf(series({ withoutPlane }))).toMatchObject({ instanceId: "c", frame: 2 });
    expect(coverOf(series({ withoutPlane, stacks: [stack("a", 1)] }))).toMatchObject({ instanceId: "a0" });
  });

  test("is none where every image is held", () => {
    expect(coverOf(series({ held: 4 }))).toBeUndefined();
  });
});
