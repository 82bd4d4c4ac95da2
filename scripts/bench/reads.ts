import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { images, readers } from "./large-study";
import { freshDataDir } from "./product";

const conditions = ["cohort-1", "cohort-2"];
const goalSeconds = 20;
const goalMb = 300;

/** `import reads` of 20 readers and two conditions, of 50, 500 and 5,000 images that have no picture; the start of the command and of Postgres included. */
export async function benchReads(): Promise<string[]> {
  const lines: string[] = [];
  for (const size of [images / 100, images / 10, images]) {
    const { dataDir, remove } = freshDataDir();
    try {
      const codes = Array.from({ length: readers }, (_, r) => `R${r + 1}`);
      const names = Array.from(
        { length: size },
        (_, i) => `${Math.floor(i / 9)},N${(Math.floor(i / 3) % 3) + 1},${["axial", "coronal", "sagittal"][i % 3]}`,
      );
      const protocol = write(
        dataDir,
        "protocol.yaml",
        readFileSync("protocols/demonstration.yaml", "utf8").replace(
          /^readers: .*$/m,
          `readers: [${codes.join(", ")}]`,
        ),
      );
      const manifest = write(
        dataDir,
        "manifest.csv",
        ["subject,node,plane,truth", ...names.map((name, i) => `${name},${Math.floor(i / 3) % 2}`)].join("\n"),
      );
      const rows = codes.flatMap((code, r) =>
        conditions.flatMap((condition, c) =>
          names.map((name, i) => `${code},${condition},${name},${(i + r + c) % 2},${(7 * i + 13 * r + c) % 101}`),
        ),
      );
      const reads = write(
        dataDir,
        "reads.csv",
        ["reader,condition,subject,node,plane,call,confidence", ...rows].join("\n"),
      );
      const env = { ...process.env, NODEWISE_DATA: join(dataDir, "data") };
      await nodewise(env, "study", "create", "--protocol", protocol, "--name", "bench");
      await nodewise(env, "import", "crops", manifest, "--study", "bench", "--without-pictures");
      const first = await nodewise(env, "import", "reads", reads, "--study", "bench");
      const again = await nodewise(env, "import", "reads", reads, "--study", "bench");
      lines.push(
        `import of ${rows.length} reads: ${first.seconds.toFixed(1)} s, ${first.mb} MB; the same file again: ${again.seconds.toFixed(1)} s, ${again.mb} MB`,
      );
    } finally {
      remove();
    }
  }
  return [...lines, `goal for the last: ${goalSeconds} s, ${goalMb} MB`];
}

function write(folder: string, name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

/** Runs a command to its end. @returns its seconds, and the most memory that its process held */
function nodewise(env: NodeJS.ProcessEnv, ...args: string[]): Promise<{ seconds: number; mb: number }> {
  const began = performance.now();
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, ["--import", "tsx", "scripts/cli/main.ts", ...args], {
      env,
      stdio: ["ignore", "ignore", "inherit"],
    });
    let mb = 0;
    const look = setInterval(() => {
      const [, kb = 0] = /VmHWM:\s+(\d+)/.exec(statusOf(child.pid)) ?? [];
      mb = Math.max(mb, Math.round(Number(kb) / 1024));
    }, 50);
    child.once("exit", (code) => {
      clearInterval(look);
      if (code !== 0) fail(new Error(`nodewise ${args.join(" ")} ended with ${code}`));
      else done({ seconds: (performance.now() - began) / 1000, mb });
    });
  });
}

/** What Linux says of a process; nothing once it has ended. */
function statusOf(pid: number | undefined): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
}
