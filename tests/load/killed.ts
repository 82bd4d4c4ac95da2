import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import postgres from "postgres";
import { loadSecrets } from "@/db/secrets";
import { door } from "@/server/door";
import { freshDataDir, type Product, startProduct } from "@/scripts/bench/product";
import { readOn } from "./readers";
import { studyOfReaders } from "./study";

const readers = 8;
/** Between two kills, so that each finds everything at work. */
const restMs = 3_000;
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

const postmaster = (dataDir: string): string[] =>
  readFileSync(join(dataDir, "postgres", "postmaster.pid"), "utf8").split("\n");

/** The process of the product that runs this script. */
function childOf(product: Product, script: string): number {
  const line = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" })
    .split("\n")
    .find((each) => each.includes(script) && each.trim().split(/\s+/)[1] === String(product.process.pid));
  const pid = Number(line?.trim().split(/\s+/)[0]);
  if (!(pid > 0)) throw new Error(`No process of the product runs ${script}.`);
  return pid;
}

function urlsOf(dataDir: string) {
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

/**
 * Kills one process after the other with SIGKILL while eight readers submit over HTTP, and counts afterwards what the database has.
 * @param patients three images each, read in two conditions: enough that nobody is done before the last kill
 */
export async function killUnderReaders(
  order: readonly Target[],
  { patients, pauseMs }: { patients: number; pauseMs: number },
): Promise<Outcome> {
  const { dataDir, remove } = freshDataDir();
  const product = await startProduct(dataDir);
  let workersReady = 0;
  product.process.stdout?.on("data", (data: Buffer) => {
    if (data.includes('"msg":"ready"')) workersReady++;
  });
  try {
    const urls = urlsOf(dataDir);
    Object.assign(process.env, {
      DATABASE_URL: urls.web,
      NODEWISE_ACTOR_SECRET: urls.actor,
      NODEWISE_STORE: join(dataDir, "store"),
    });
    const { slug, accounts } = await studyOfReaders({ ownerUrl: urls.owner, readers, patients });
    await door().close();

    const stop = new AbortController();
    const reading = Promise.all(
      accounts.map((account) => readOn(product.url, { account, study: slug, pauseMs, signal: stop.signal })),
    );
    reading.catch(() => {});

    const until = async (isBack: () => Promise<boolean> | boolean): Promise<number> => {
      const killed = performance.now();
      while (!(await isBack())) {
        if (performance.now() - killed > patienceMs) return Number.POSITIVE_INFINITY;
        await wait(20);
      }
      return Math.round(performance.now() - killed);
    };
    const isHealthy = () =>
      fetch(`${product.url}/api/health`).then(
        (answer) => answer.ok,
        () => false,
      );
    const kill = async (target: Target): Promise<number> => {
      if (target === "worker") {
        const before = workersReady;
        process.kill(childOf(product, "worker/main.ts"), "SIGKILL");
        return until(() => workersReady > before);
      }
      process.kill(target === "web" ? childOf(product, "scripts/web.mjs") : Number(postmaster(dataDir)[0]), "SIGKILL");
      return until(isHealthy);
    };
    const kills: Outcome["kills"] = [];
    for (const target of order) {
      await Promise.race([wait(restMs), reading.then(() => Promise.reject(new Error("The readers ran out of cases.")))]);
      kills.push({ target, backAfterMs: await kill(target) });
    }
    await wait(restMs);
    stop.abort();
    const acknowledged = (await reading).flat();

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
