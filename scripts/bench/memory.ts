import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { freshDataDir, startProductAtRest } from "./product";

/** A process and all below it, as [pid, command, resident MB]. */
function tree(root: number): { pid: number; command: string; residentMb: number }[] {
  const all = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" })
    .split("\n")
    .flatMap((line) => {
      const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return pid && parent && command ? [{ pid: Number(pid), parent: Number(parent), command }] : [];
    });
  const below = (pid: number): typeof all =>
    all.filter((each) => each.parent === pid).flatMap((each) => [each, ...below(each.pid)]);
  return below(root).flatMap(({ pid, command }) => {
    const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return resident ? [{ pid, command, residentMb: Math.round(Number(resident) / 1024) }] : [];
  });
}

/** Resident memory at rest of the web and the worker process (Linux only). The first training is over or waits; nothing else runs. */
export async function benchMemory(): Promise<string[]> {
  const { dataDir, remove } = freshDataDir();
  const product = await startProductAtRest(dataDir);
  try {
    await fetch(`${product.url}/login`);
    const processes = tree(product.process.pid ?? 0);
    const sum = (pattern: RegExp) =>
      processes.filter((each) => pattern.test(each.command)).reduce((total, each) => total + each.residentMb, 0);
    return [
      `web: ${sum(/next-server|next\/dist\/bin\/next/)} MB (goal: 250 MB)`,
      `worker: ${sum(/worker\/main\.ts/)} MB (goal: 250 MB)`,
      `services (seeding and keeping Postgres): ${sum(/keep-services/)} MB`,
      `engine processes of the first training: ${sum(/feature-process/)} MB, given back when it ends`,
    ];
  } finally {
    await product.stop();
    remove();
  }
}
