import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { type Product, postmaster } from "./product";

/** Of a second, in which Linux counts (`/proc/PID/stat`). */
const ticks = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/** Milliseconds of a processor that a process has taken, with those of its children that have ended; 0 of one that is gone. */
function taken(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    // Fields 14 to 17, of which the third is the first here.
    return (fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0) * 1000) / ticks;
  } catch {
    return 0;
  }
}

/** The processes of which one is the parent, with their words. */
function childrenOf(parent: number): { pid: number; words: string }[] {
  return execFileSync("ps", ["-o", "pid=,args=", "--ppid", String(parent)], { encoding: "utf8" })
    .split("\n")
    .flatMap((line) => {
      const [, pid, words] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
      return pid && words ? [{ pid: Number(pid), words }] : [];
    });
}

/** Milliseconds of a processor that each has taken so far: the pages' process, the built-in Postgres with its backends, and this one (Linux only). */
export function processorOf(product: Product, dataDir: string) {
  const web = childrenOf(product.process.pid ?? 0).find(({ words }) => /next-server|scripts\/web\.mjs/.test(words));
  const server = Number(postmaster(dataDir)[0] ?? 0);
  const backends = childrenOf(server).reduce((sum, { pid }) => sum + taken(pid), 0);
  const { user, system } = process.cpuUsage();
  return { web: web ? taken(web.pid) : 0, postgres: taken(server) + backends, client: (user + system) / 1000 };
}
