import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import postgres from "postgres";
import { loadSecrets } from "@/db/secrets";

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

/** What the built-in Postgres says of itself while it runs, line by line: its process, ..., its port. */
export function postmaster(dataDir: string): string[] {
  const path = join(dataDir, "postgres", "postmaster.pid");
  return existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
}

/** The addresses of a running product's database, and the secret of its claims. */
export function urlsOf(dataDir: string) {
  const secrets = loadSecrets(dataDir);
  const port = postmaster(dataDir)[3];
  const urlOf = (login: string, password: string) => `postgres://${login}:${password}@localhost:${port}/nodewise`;
  return {
    actor: secrets.actor,
    web: urlOf("nodewise_web", secrets.web),
    owner: urlOf("nodewise_owner", secrets.owner),
    superuser: urlOf("postgres", secrets.superuser),
  };
}

/** `npm start` on a data folder, until the demonstration has been trained as well: nothing else takes the processors then. */
export async function startProductAtRest(dataDir: string): Promise<Product> {
  const product = await startProduct(dataDir);
  const sql = postgres(urlsOf(dataDir).superuser, { max: 1 });
  const isAtWork = async () => (await sql`select from job where state in ('queued', 'running') limit 1`).length > 0;
  while (await isAtWork()) await wait(1_000);
  await sql.end();
  return product;
}
