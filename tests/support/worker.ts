import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const workers: ChildProcess[] = [];

/** The real worker, as `npm run worker` starts it. @param url of the login nodewise_worker */
export function startWorker(url: string): ChildProcess {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const worker = spawn(process.execPath, ["--import", "tsx", "worker/main.ts"], {
    cwd: root,
    env: { ...process.env, DATABASE_URL: url },
    stdio: "ignore",
  });
  workers.push(worker);
  return worker;
}

/** Ends every worker of this file at once, as a crash would. For `afterEach`. */
export async function killed(): Promise<void> {
  for (const worker of workers.splice(0)) {
    if (worker.exitCode !== null || worker.signalCode !== null) continue;
    const ended = new Promise((done) => worker.once("exit", done));
    worker.kill("SIGKILL");
    await ended;
  }
}

/** Looks until something is there. @throws Error after `seconds` */
export async function until<T>(what: string, look: () => Promise<T | false>, seconds = 400): Promise<T> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    const seen = await look();
    if (seen) return seen;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`${what} did not happen within ${seconds} s`);
}
