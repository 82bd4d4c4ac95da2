import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface Product {
  url: string;
  /** Milliseconds from the command to the first answer. */
  milliseconds: number;
  process: ChildProcess;
  stop(): Promise<void>;
}

/** A data folder of the bench's own; as root the built-in Postgres runs as another user, who must pass it. */
export function freshDataDir(): { dataDir: string; remove: () => void } {
  const dataDir = mkdtempSync(join(tmpdir(), "nodewise-bench-"));
  chmodSync(dataDir, 0o755);
  return { dataDir, remove: () => rmSync(dataDir, { recursive: true, force: true }) };
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer().once("error", fail);
    server.listen(0, () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === "object" ? done(address.port) : fail(new Error("no free port")),
      );
    });
  });
}

/** `npm start` on a data folder, until its address answers. */
export async function startProduct(dataDir: string): Promise<Product> {
  const port = await freePort();
  const began = performance.now();
  const child = spawn(process.execPath, ["scripts/start.mjs"], {
    env: { ...process.env, NODEWISE_DATA: dataDir, PORT: String(port) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await new Promise<string>((done, fail) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const found = /http:\/\/localhost:\d+/.exec(line);
      if (found) done(found[0]);
    });
    child.once("exit", (code) => fail(new Error(`npm start ended with ${code}`)));
  });
  const milliseconds = performance.now() - began;
  return {
    url,
    milliseconds,
    process: child,
    stop: () =>
      new Promise((done) => {
        child.removeAllListeners("exit");
        child.once("exit", () => done());
        child.kill("SIGTERM");
      }),
  };
}
