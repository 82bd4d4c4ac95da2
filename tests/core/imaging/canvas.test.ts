import { describe, expect, it } from "vitest";
import { fitToCanvas } from "@/core/imaging/canvas";

describe("an image on the network's canvas", () => {
  it("is never enlarged, and lies in the middle with the odd pixel to the right and below", () => {
    expect(fitToCanvas({ width: 20, height: 21, size: 299 })).toEqual({
      width: 20,
      height: 21,
      left: 139,
      top: 139,
      scale: 1,
    });
    expect(fitToCanvas({ width: 299, height: 299, size: 299 })).toMatchObject({ left: 0, top: 0, scale: 1 });
  });

  it("is scaled down with its shape kept when larger", () => {
    const { width, height, left, top, scale } = fitToCanvas({ width: 600, height: 300, size: 299 });
    expect({ width, height, left, top }).toEqual({ width: 299, height: 150, left: 0, top: 74 });
    expect(scale).toBeCloseTo(299 / 600, 12);
    expect(fitToCanvas({ width: 10_000, height: 3, size: 299 }).height).toBe(1);
  });
});
