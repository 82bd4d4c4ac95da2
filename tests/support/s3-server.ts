import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { gateway } from "@/scripts/lib/s3-gateway.mjs";

/** Why there is no S3 server to test with, or null where there is one. */
export const whyNoS3Server = (): string | null =>
  existsSync(gateway.program) ? null : "the S3 server is not built: npm run test:s3 builds it once, with Go";

const freePort = () =>
  new Promise<number>((done, failed) => {
    const server = createServer().once("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (address && typeof address === "object" ? done(address.port) : failed(new Error("no port"))));
    });
  });

/** A real S3 server of this machine, which checks signatures, over an empty folder with one bucket. */
export async function startS3Server() {
  const folder = mkdtempSync(join(tmpdir(), "nodewise-s3-"));
  const bucket = "nodewise-test";
  const keys = { id: "test-key", secret: "test-secret-1234" };
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  mkdirSync(join(folder, bucket));
  const server: ChildProcess = spawn(gateway.program, ["--port", `127.0.0.1:${port}`, "--quiet", "posix", folder], {
    env: { ...process.env, ROOT_ACCESS_KEY: keys.id, ROOT_SECRET_KEY: keys.secret },
    stdio: "ignore",
  });
  for (let attempt = 0; ; attempt++) {
    const answers = await fetch(endpoint).then(
      () => true,
      () => false,
    );
    if (answers) break;
    if (attempt > 200 || server.exitCode !== null) throw new Error("The S3 server does not start.");
    await pause(50);
  }
  return {
    endpoint,
    bucket,
    keys,
    folder,
    stop: async () => {
      const ended = new Promise((done) => server.once("exit", done));
      server.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
