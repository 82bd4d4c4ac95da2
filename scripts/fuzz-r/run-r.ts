import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const script = fileURLToPath(new URL("reference.R", import.meta.url));

/** Why R cannot be asked, or its versions. */
export async function findR(): Promise<{ versions: string } | { missing: string }> {
  const packages = 'for (p in c("pROC", "jsonlite")) cat(p, as.character(packageVersion(p)), "")';
  const found = await runR(["-e", 'cat(R.version.string, "")', "-e", packages]).catch((error) => ({ error }));
  if ("error" in found) return { missing: "Rscript is not installed" };
  return found.code === 0
    ? { versions: found.output.trim() }
    : { missing: "a package of R is missing: pROC or jsonlite" };
}

/** R's answers to the cases, in order, from as many processes as chunks. */
export async function askR(cases: readonly { family: string; input: unknown }[], chunks: number): Promise<unknown[]> {
  const folder = mkdtempSync(join(tmpdir(), "fuzz-r-"));
  const size = Math.ceil(cases.length / chunks);
  try {
    const answers = await Promise.all(
      Array.from({ length: chunks }, async (_, k) => {
        const own = cases.slice(k * size, (k + 1) * size);
        const [asked, answered] = [join(folder, `cases-${k}.json`), join(folder, `answers-${k}.json`)];
        writeFileSync(asked, JSON.stringify(own));
        const { code, errors } = await runR([script, asked, answered]);
        if (code !== 0) throw new Error(`reference.R ended with ${code}:\n${errors}`);
        const list = z.array(z.unknown()).parse(JSON.parse(readFileSync(answered, "utf8")));
        if (list.length !== own.length) throw new Error(`reference.R answered ${list.length} of ${own.length} cases`);
        return list;
      }),
    );
    return answers.flat();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runR(args: readonly string[]): Promise<{ code: number | null; output: string; errors: string }> {
  return new Promise((done, failed) => {
    const child = spawn("Rscript", ["--vanilla", ...args], { stdio: ["ignore", "pipe", "pipe"] });
    const [output, errors]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on("data", (data: Buffer) => output.push(data));
    child.stderr.on("data", (data: Buffer) => errors.push(data));
    child.on("error", failed);
    child.on("close", (code) => {
      done({ code, output: Buffer.concat(output).toString(), errors: Buffer.concat(errors).toString() });
    });
  });
}
