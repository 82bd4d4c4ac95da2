import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import sharp from "sharp";
import { drawNode } from "@/core/phantom/node";
import { freshDataDir } from "./product";

const images = 647;
const run = promisify(execFile);

/** Images a second of `import crops` with 647 drawn images, beside sharp decoding and re-encoding the same files and nothing else. */
export async function benchImport(): Promise<string[]> {
  const { dataDir, remove } = freshDataDir();
  try {
    const folder = join(dataDir, "images");
    mkdirSync(folder);
    const rows = ["subject,node,plane,file,truth"];
    for (let i = 0; i < images; i++) {
      const { width, height, pixels } = drawNode({
        seed: i + 1,
        plane: "image",
        positive: i % 2 === 0,
        shortAxisMm: 4 + (i % 9),
      });
      await sharp(pixels, { raw: { width, height, channels: 1 } })
        .png()
        .toFile(join(folder, `${i}.png`));
      rows.push(`${i},N1,image,images/${i}.png,${i % 2 === 0 ? 1 : 0}`);
    }
    const manifest = join(dataDir, "manifest.csv");
    writeFileSync(manifest, `${rows.join("\n")}\n`);
    const nodewise = (...args: string[]) =>
      run(process.execPath, ["scripts/run.mjs", "scripts/cli/main.ts", ...args], {
        env: { ...process.env, NODEWISE_DATA: join(dataDir, "data") },
      });
    await nodewise("study", "create", "--protocol", "protocols/image-set.yaml", "--name", "bench");
    const began = performance.now();
    await nodewise("import", "crops", manifest, "--study", "bench");
    const ours = (performance.now() - began) / 1000;
    const peerBegan = performance.now();
    for (let i = 0; i < images; i++)
      await sharp(readFileSync(join(folder, `${i}.png`)))
        .png({ compressionLevel: 9 })
        .toBuffer();
    const peer = (performance.now() - peerBegan) / 1000;
    return [
      `import of ${images} images: ${ours.toFixed(1)} s, ${(images / ours).toFixed(0)} images/s, the start of the command and of Postgres included`,
      `sharp alone, one after the other: ${peer.toFixed(1)} s, ${(images / peer).toFixed(0)} images/s; ratio ${(ours / peer).toFixed(1)}`,
    ];
  } finally {
    remove();
  }
}
