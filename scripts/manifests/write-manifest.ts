import { readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { parse } from "csv-parse/sync";
import { toCsv } from "@/server/tables/to-csv";

/**
 * Writes a crop manifest for a public set of labelled images. The sets do not say which images come from one patient, so each image
 * is a subject of its own. Paths are relative to the manifest.
 * Called as: node scripts/run.mjs scripts/manifests/<set>.ts FOLDER OUT.csv
 * @param options.labels the set's own table, relative to its folder
 */
export async function writeManifest(options: {
  labels: string;
  image: (row: Record<string, string>) => { file: string; truth: 0 | 1 };
}): Promise<void> {
  const [folder, out] = process.argv.slice(2);
  if (!folder || !out) {
    process.stderr.write("Give the folder of the images and the manifest to write: FOLDER OUT.csv\n");
    process.exitCode = 1;
    return;
  }
  const table: Record<string, string>[] = parse(await readFile(join(folder, options.labels)), {
    columns: true,
    bom: true,
    trim: true,
  });
  const rows = table.map(options.image).map(({ file, truth }) => ({
    subject: file,
    node: "1",
    plane: "image",
    file: relative(dirname(resolve(out)), resolve(folder, file))
      .split(sep)
      .join("/"),
    truth,
  }));
  await writeFile(out, toCsv(rows));
  process.stderr.write(`${rows.length} images, ${rows.filter(({ truth }) => truth === 1).length} positive: ${out}\n`);
}
