import { execFileSync } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import postgres from "postgres";
import { freshDataDir, type Product, postmaster, startProduct, urlsOf } from "@/scripts/bench/product";
import { enter, readOn } from "./readers";
import { studyOfReaders } from "./study";

/** Between two kills, so that each finds everything at work. */
const restMs = 3_000;
const lookMs = 100;
/** Until what does not come back is given up. */
const patienceMs = 60_000;

export const targets = ["web", "worker", "postgres"] as const;
export type Target = (typeof targets)[number];

export interface Outcome {
  /** How long after each kill the pages and the database, or the worker, answered again. */
  kills: { target: Target; backAfterMs: number }[];
  acknowledged: number;
  /** Acknowledged reads that the database does not have. */
  lost: number;
  /** Reads beyond one of a case, and keys stored twice. */
  doubled: number;
}

const scripts = { web: "scripts/web.mjs", worker: "worker/main.ts" };

/** The process of the product that runs this script; 0 while none does. */
function childOf(product: Product, script: string): number {
  const line = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" })
    .split("\n")
    .find((each) => each.includes(script) && each.trim().split(/\s+/)[1] === String(product.process.pid));
  return Number(line?.trim().split(/\s+/)[0] ?? 0);
}

/**
 * Kills one process after the other with SIGKILL while readers submit over HTTP, and counts afterwards what the database has.
 * @param patients three images each, read in two conditions: enough that nobody is done before the last kill
 * @param pauseMs between two cases of each reader
 */
export async function killUnderReaders(
  order: readonly Target[],
  { readers, patients, pauseMs }: { readers: number; patients: number; pauseMs: number },
): Promise<Outcome> {
  const { dataDir, remove } = freshDataDir();
  const product = await startProduct(dataDir);
  let workersReady = 0;
  product.process.stdout?.on("data", (data: Buffer) => {
    if (data.includes('"msg":"ready"')) workersReady++;
  });
  try {
    const urls = urlsOf(dataDir);
    const { slug, accounts } = await studyOfReaders(dataDir, { readers, patients });

    const stop = new AbortController();
    // One after the other: of many that come from one place at once, most are asked to wait.
    const entered = [];
    for (const account of accounts) entered.push(await enter(product.url, account));
    const reading = Promise.all(
      entered.map(async (reader, at) => {
        await wait((pauseMs * at) / readers);
        return readOn(reader, { study: slug, pauseMs, signal: stop.signal });
      }),
    );
    reading.catch(() => {});

    const pidOf = (target: Target): number =>
      target === "postgres" ? Number(postmaster(dataDir)[0] ?? 0) : childOf(product, scripts[target]);
    const isHealthy = () =>
      fetch(`${product.url}/api/health`).then(
        (answer) => answer.ok,
        () => false,
      );
    /** Milliseconds from the kill until another process does the work. */
    const kill = async (target: Target): Promise<number> => {
      const [pid, before] = [pidOf(target), workersReady];
      const killed = performance.now();
      if (pid === 0) throw new Error(`There is no ${target} to kill.`);
      process.kill(pid, "SIGKILL");
      const isBack = async () => pidOf(target) !== pid && (target === "worker" ? workersReady > before : isHealthy());
      while (!(await isBack())) {
        if (performance.now() - killed > patienceMs) return Number.POSITIVE_INFINITY;
        await wait(lookMs);
      }
      return Math.round(performance.now() - killed);
    };
    const kills: Outcome["kills"] = [];
    for (const target of order) {
      await Promise.race([
        wait(restMs),
        reading.then(() => Promise.reject(new Error("The readers ran out of cases."))),
      ]);
      kills.push({ target, backAfterMs: await kill(target) });
    }
    await wait(restMs);
    stop.abort();
    const acknowledged = (await reading).flat().map(({ idempotencyKey }) => idempotencyKey);

    const sql = postgres(urls.superuser, { max: 1, onnotice: () => {} });
    const [counts] = await sql<{ stored: number; doubled: number }[]>`
      select (select count(*)::int from read where idempotency_key = any(${acknowledged}::uuid[])) as stored,
             (select (count(*) - count(distinct slot_id) + count(*) - count(distinct idempotency_key))::int from read r
               where exists (select from study s where s.id = r.study_id and s.slug = ${slug})) as doubled`;
    await sql.end();
    if (!counts) throw new Error("The database counts nothing.");
    return {
      kills,
      acknowledged: acknowledged.length,
      lost: acknowledged.length - counts.stored,
      doubled: counts.doubled,
    };
  } finally {
    await product.stop();
    remove();
  }
}
