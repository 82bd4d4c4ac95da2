import { findNearDuplicates } from "@/core/imaging/near-duplicates";
import { imageSignature } from "@/core/imaging/perceptual-hash";
import { drawNode } from "@/core/phantom/node";
import { machine } from "./peers";

const counts = [250, 500, 1_000, 2_000];
const planes = ["axial", "coronal", "sagittal"];

/** How long it takes to find all pairs of crops that show the same picture, and how that grows with their number. */
export async function benchAlike(): Promise<string[]> {
  const crops = Array.from({ length: counts.at(-1) ?? 0 }, (_, seed) => {
    const plane = planes[seed % planes.length] ?? "axial";
    const signature = imageSignature(drawNode({ seed, plane, positive: seed % 2 === 0, shortAxisMm: 4 + (seed % 9) }));
    return signature ? [{ id: String(seed), signature }] : [];
  }).flat();
  const lines = [`Crops that look alike, drawn nodes, one core of ${machine()}`];
  let before: number | undefined;
  for (const count of counts) {
    const started = performance.now();
    const pairs = findNearDuplicates(crops.slice(0, count)).length;
    const seconds = (performance.now() - started) / 1000;
    const growth = before ? `, ${(seconds / before).toFixed(1)} times those of half as many` : "";
    lines.push(`${count} crops: ${seconds.toFixed(2)} s${growth}; ${pairs} pairs found`);
    before = seconds;
  }
  return lines;
}
