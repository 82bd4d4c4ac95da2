import { describe, expect, test } from "vitest";
import { firstBeside, otherExams, placeBeside } from "@/app/_viewer/beside";
import type { Choice } from "@/app/_viewer/frames";
import type { ExamView } from "@/server/schemas/series";

/** Slices along the normal, from a place on. */
function choice(
  space: string | null,
  { from, step, count, up = 1 }: Record<"from" | "step" | "count", number> & { up?: 1 | -1 },
): Choice {
  const frames: Choice["frames"] = Array.from({ length: count }, (_, at) => ({
    ...{ instanceId: `${from} ${at}`, frame: 1 },
    plane: {
      ...{ position: [0, 0, from + up * step * at], row: [1, 0, 0], column: [0, up, 0], normal: [0, 0, up] },
      ...{ spacing: { rows: 1, columns: 1, source: "patient" }, width: 10, height: 10 },
    },
  }));
  return { key: "k", space, frames, series: { id: "s", number: 1, description: null } };
}

describe("the place in the stack of another exam", () => {
  const open = choice("one", { from: 0, step: 3, count: 10 });

  test("is the image nearest in the patient, where both are in one space", () => {
    const other = choice("one", { from: 12, step: 4, count: 20 });
    expect([0, 5, 7, 9].map((at) => placeBeside(open, at, other))).toEqual([0, 1, 2, 4]);
    expect(placeBeside(other, 19, open), "and back, at the end of it").toBe(9);
  });

  test("is as far through its stack, where they are not, or no space is named", () => {
    for (const space of ["two", null]) {
      const other = choice(space, { from: 500, step: 1, count: 19 });
      expect([0, 3, 9].map((at) => placeBeside(open, at, other))).toEqual([0, 6, 18]);
    }
    expect(placeBeside(choice(null, { from: 0, step: 1, count: 1 }), 0, open), "of a single image the middle").toBe(5);
  });

  test("is counted from the other end, where that stack runs the other way", () => {
    const other = choice("two", { from: 500, step: 1, count: 10, up: -1 });
    expect([0, 3, 9].map((at) => placeBeside(open, at, other))).toEqual([9, 6, 0]);
  });
});

describe("the other exams of a subject", () => {
  const series: ExamView["series"][number] = {
    ...{ id: "s", modality: "MR", number: 1, description: null, space: null },
    ...{ stacks: [], withoutPlane: [{ instanceId: "i", frame: 1, width: 10, height: 10 }], held: 0, unlooked: 0 },
  };
  const exam = (id: string, performedOn: string, images = true): ExamView => ({
    ...{ id, performedOn, scanner: "MR", series: images ? [series] : [] },
    ...{ sequences: [], look: null, quality: null, qualityReasons: [], uploads: [], times: [] },
  });
  // As they come: the newest record first.
  const exams = [
    exam("c", "2026-03-01"),
    exam("empty", "2026-02-10", false),
    exam("b", "2026-02-01"),
    exam("a", "2026-01-02"),
  ];

  test("are those with images, by day, and counted among all", () => {
    expect(
      otherExams(exams, "b").map(({ exam: { id }, at, count, when, days }) => [id, at, count, when, days]),
    ).toEqual([
      ["a", 1, 4, "earlier", 30],
      ["c", 4, 4, "later", 28],
    ]);
  });

  test("begin with the one before, or else the one after; alone there is none", () => {
    const first = (id: string) => firstBeside(otherExams(exams, id))?.exam.id;
    expect([first("c"), first("b"), first("a")]).toEqual(["b", "a", "b"]);
    expect(firstBeside(otherExams([exam("a", "2026-01-02")], "a"))).toBeUndefined();
  });
});
