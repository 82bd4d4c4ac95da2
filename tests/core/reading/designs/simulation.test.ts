import { describe, expect, it } from "vitest";
import { isAskedOf, mostReads, simulationOf, startOfSimulation } from "@/core/reading/designs/simulation";
import { whyNotDrawn } from "@/core/reading/designs/why-not-drawn";

const plan = { design: "sequential", patients: 10, readers: 3, images: 3, conditions: ["a", "b"] } as const;
const start = startOfSimulation(plan);
const typed = (values: Partial<typeof start.values>, design: (typeof start)["design"] = "sequential") => ({
  design,
  values: { ...start.values, ...values },
});

describe("the reading as it is typed in, before it is drawn", () => {
  it("begins with what the protocol plans, and with a first guess where it does not", () => {
    expect(start).toMatchObject({ design: "sequential", values: { patients: "10", readers: "3", images: "3" } });
    expect(startOfSimulation({ ...plan, patients: null }).values.patients).toBe("75");
  });

  it("says what each condition asks of whoever has most, and all together", () => {
    expect(simulationOf(start, plan.conditions)).toMatchObject({
      ...{ kind: "drawn", cases: 60, reads: 120, sessions: 4, minutes: 120, adjacent: 0 },
      conditions: [
        { condition: "a", reads: { least: 60, most: 60 }, first: 1 },
        { condition: "b", reads: { least: 60, most: 60 }, first: 0 },
      ],
    });
    expect(simulationOf(typed({}, "split-plot"), plan.conditions)).toMatchObject({ reads: 60 });
    expect(simulationOf(typed({ blockSize: "20", perSession: "20" }, "random-blocks"), plan.conditions)).toMatchObject({
      ...{ reads: 120, sessions: 6 },
    });
  });

  it("says how many images follow one of the same node where that cannot be otherwise", () => {
    expect(simulationOf(typed({ patients: "1", nodes: "1" }), plan.conditions)).toMatchObject({ adjacent: 3 * 2 * 2 });
  });

  it("names the fields that are no number of their range, of those that count in the design, and draws no more than a page can", () => {
    const wrong = typed({ patients: "1.5", nodes: "", groups: "1" });
    expect(simulationOf(wrong, plan.conditions)).toEqual({ kind: "wrong", fields: ["patients", "nodes"] });
    expect(simulationOf({ ...wrong, design: "split-plot" }, plan.conditions)).toEqual({
      ...{ kind: "wrong", fields: ["patients", "nodes", "groups"] },
    });
    expect(isAskedOf("blockSize", "crossover")).toBe(false);
    const many = simulationOf(typed({ patients: "1000", nodes: "20" }), plan.conditions);
    expect(many).toEqual({ kind: "many", reads: 360_000 });
    expect(mostReads).toBeLessThan(360_000);
  });
});

describe("a design that the database does not draw", () => {
  const shows = (...each: readonly string[][]) => each.map((what, at) => ({ key: `c${at}`, shows: what }));
  it("is none where conditions follow each other as the protocol says", () => {
    expect(whyNotDrawn("sequential", shows([], ["size"]))).toBeNull();
  });

  it("is told apart from one that would show more of a case before less of it", () => {
    for (const design of ["crossover", "random-blocks"] as const) {
      expect(whyNotDrawn(design, shows([], [], ["size"]))).toEqual({ kind: "shows", earlier: "c0", later: "c2" });
      expect(whyNotDrawn(design, shows(["size"], ["size"]))).toEqual({ kind: "undrawn" });
    }
    expect(whyNotDrawn("split-plot", shows([], ["size"]))).toEqual({ kind: "undrawn" });
  });
});
