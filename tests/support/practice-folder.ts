import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { drawNode } from "@/core/phantom/node";

/** One practice case of a folder: its picture is drawn from the seed. */
export interface DrawnPractice {
  name: string;
  seed: number;
  positive: boolean;
  shortAxisMm: number;
  explanation?: string;
}

/** Practice cases by turns positive and negative, from 5 mm on. */
export const drawnPractice = (count: number, seed = 500): DrawnPractice[] =>
  Array.from({ length: count }, (_, at) => ({
    name: `P${at + 1}`,
    seed: seed + at,
    positive: at % 2 === 0,
    shortAxisMm: 5 + at / 4,
    explanation: `Why P${at + 1} is what it is`,
  }));

/** A folder as `nodewise import practice` takes it. */
export async function practiceFolder(cases: readonly DrawnPractice[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "nodewise-practice-"));
  const rows = ["case,plane,file,truth,sa_mm,explanation"];
  for (const { name, seed, positive, shortAxisMm, explanation = "" } of cases) {
    const { pixels, width, height } = drawNode({ seed, plane: "axial", positive, shortAxisMm });
    await sharp(pixels, { raw: { width, height, channels: 1 } })
      .png()
      .toFile(join(folder, `${name}.png`));
    rows.push([name, "axial", `${name}.png`, positive ? 1 : 0, shortAxisMm, explanation].join(","));
  }
  await writeFile(join(folder, "practice.csv"), `${rows.join("\n")}\n`);
  return folder;
}
