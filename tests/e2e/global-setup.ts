import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";

const startTimeout = 15 * 60_000;
const stopTimeout = 30_000;

const freePort = () =>
  new Promise<number>((done, failed) => {
    const server = createServer().once("error", failed);
    server.listen(0, () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address ? done(address.port) : failed(new Error("There is no free port.")),
      );
    });
  });

/** Resolves when the start script has printed the address; rejects with what it printed when it ends before. */
function printed(child: ChildProcess, address: string): Promise<void> {
  return new Promise((done, failed) => {
    let output = "";
    const give = (reason: string) => failed(new Error(`npm start ${reason}. It printed:\n${output}`));
    const timer = setTimeout(
      () => give(`did not print ${address} within ${startTimeout / 60_000} minutes`),
      startTimeout,
    );
    const read = (data: Buffer) => {
      output += stripVTControlCharacters(data.toString());
      if (!output.includes(`${address}   (after`)) return;
      clearTimeout(timer);
      done();
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("exit", (code) => {
      clearTimeout(timer);
      give(`ended with ${code}`);
    });
  });
}

/**
 * Starts the whole product with an empty data folder, as a stranger would; stops it after the last test.
 * While a test is being written, NODEWISE_E2E_URL names a product that runs already, and NODEWISE_E2E_DATA its data folder.
 */
export default async function setup() {
  if (process.env.NODEWISE_E2E_URL) return;
  const data = mkdtempSync(join(tmpdir(), "nodewise-e2e-"));
  // Postgres does not run as root: the user it runs as has to pass through this folder.
  chmodSync(data, 0o755);
  const port = await freePort();
  const address = `http://localhost:${port}`;
  const child = spawn(process.execPath, ["scripts/start.mjs"], {
    env: { ...process.env, PORT: String(port), NODEWISE_DATA: data, NEXTAUTH_URL: address },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((done) => child.once("exit", done));
      const kill = setTimeout(() => child.kill("SIGKILL"), stopTimeout);
      child.kill("SIGTERM");
      await ended;
      clearTimeout(kill);
    }
    rmSync(data, { recursive: true, force: true });
  };
  try {
    await printed(child, address);
  } catch (error) {
    await stop();
    throw error;
  }
  process.env.NODEWISE_E2E_DATA = data;
  process.env.NODEWISE_E2E_URL = address;
  return stop;
}
