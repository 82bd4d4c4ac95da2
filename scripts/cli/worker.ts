import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { SaidError } from "@/core/words/said";
import type { Services } from "./run-command";

/** How long a queued run waits for a worker that is running already. */
const patienceMs = 3_000;
/** How long a worker may take to put its work down. */
const farewellMs = 10_000;

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * A worker process of the command line's own, started only when no other takes the run. It has the worker's login, not ours.
 * Its log goes nowhere: the run keeps its own; what it says on standard error is kept for `check`.
 */
export function spareWorker(services: Services) {
  const since = Date.now();
  const complaints: string[] = [];
  let child: ChildProcess | undefined;
  return {
    /** Nobody has taken the run yet. */
    wanted(): void {
      if (child || Date.now() - since < patienceMs) return;
      child = spawn(process.execPath, ["--import", "tsx", "worker/main.ts"], {
        cwd: root,
        env: { ...process.env, ...services.worker },
        stdio: ["ignore", "ignore", "pipe"],
      });
      // An interrupted command must not leave its worker behind.
      process.once("exit", () => child?.kill());
      child.stderr?.on("data", (text) => complaints.push(String(text)));
    },
    /** @throws Error when our worker ended by itself; the run stays queued and goes on with the next worker */
    check(): void {
      if (!child || (child.exitCode === null && child.signalCode === null)) return;
      const last = complaints.join("").trim().split("\n").at(-1);
      const code = child.signalCode ?? String(child.exitCode);
      throw new SaidError(
        last
          ? { key: "cli.worker_ended_saying", values: { code, last } }
          : { key: "cli.worker_ended", values: { code } },
      );
    },
    async stop(): Promise<void> {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      const timer = setTimeout(() => child?.kill("SIGKILL"), farewellMs);
      await ended;
      clearTimeout(timer);
    },
  };
}
