import { setTimeout as wait } from "node:timers/promises";
import postgres from "postgres";
import { enter, readOn } from "@/tests/load/readers";
import { studyOfReaders } from "@/tests/load/study";
import { machine } from "./peers";
import { processorOf } from "./processor";
import { freshDataDir, startProductAtRest, urlsOf } from "./product";

/**
 * How many read at once, and the milliseconds between two cases of each; without a pause as many as the server takes. As in the reading room the next case is brought
 * ahead; where it is not, its images come with the answer.
 */
const paces = [
  { readers: 8, pauseMs: 2_000, ahead: true },
  { readers: 25, pauseMs: 2_000, ahead: true },
  { readers: 50, pauseMs: 2_000, ahead: true },
  { readers: 50, pauseMs: 0, ahead: true },
  { readers: 8, pauseMs: 2_000, ahead: false },
  { readers: 25, pauseMs: 2_000, ahead: false },
  { readers: 50, pauseMs: 2_000, ahead: false },
  { readers: 50, pauseMs: 0, ahead: false },
];
const most = Math.max(...paces.map(({ readers }) => readers));
const seconds = Number(process.env.NODEWISE_BENCH_SECONDS ?? 30);
/** Of which each is three images in two conditions: more than anybody reads in that time. */
const patients = 4 * seconds;
const goal = { p95Ms: 60, perSecond: 150 };

/** What submitting a read takes over HTTP, by how many read at once, and how many reads a second are taken at most; clients, pages and Postgres share the processors. */
export async function benchSubmits(): Promise<string[]> {
  const { dataDir, remove } = freshDataDir();
  const product = await startProductAtRest(dataDir);
  try {
    const { slug, accounts } = await studyOfReaders(dataDir, { readers: most, patients });
    const sql = postgres(urlsOf(dataDir).superuser, { max: 1, onnotice: () => {} });
    const [{ stored = 0 } = {}] = await sql<{ stored: number }[]>`select count(*)::int as stored from read`;
    await sql.end();
    const entered = [];
    for (const account of accounts) entered.push(await enter(product.url, account));

    const lines = [`Submitted reads over HTTP, ${machine()}, ${seconds} s each; ${stored} reads stored before`];
    for (const { readers, pauseMs, ahead } of paces) {
      const stop = new AbortController();
      const before = processorOf(product, dataDir);
      const reading = entered.slice(0, readers).map(async (reader, at) => {
        await wait((pauseMs * at) / readers);
        return readOn(reader, { study: slug, pauseMs, signal: stop.signal, ahead });
      });
      await wait(1_000 * seconds);
      stop.abort();
      const times = (await Promise.all(reading)).flat().map(({ milliseconds }) => milliseconds);
      const after = processorOf(product, dataDir);
      const each = (of: keyof typeof after) => ((after[of] - before[of]) / times.length).toFixed(1);
      const sorted = times.toSorted((a, b) => a - b);
      const at = (part: number) => Math.round(sorted[Math.floor(part * (sorted.length - 1))] ?? 0);
      lines.push(
        `${readers} readers, ${pauseMs === 0 ? "without a pause" : `${pauseMs / 1000} s between two cases`}, ${ahead ? "the next case brought ahead" : "images in the answers"}: ${(times.length / seconds).toFixed(1)} reads/s; p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, worst ${at(1)} ms; of a processor a read: pages ${each("web")} ms, Postgres ${each("postgres")} ms, client ${each("client")} ms`,
      );
    }
    return [...lines, `goals: p95 at most ${goal.p95Ms} ms at ${most} readers; ${goal.perSecond} reads/s at most`];
  } finally {
    await product.stop();
    remove();
  }
}
