import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { chromium } from "@playwright/test";
import { findChromium } from "../lib/chromium.mjs";
import { startServices } from "../services";
import { fillLargeStudy, images, readers, scoresOf } from "./large-study";
import { freshDataDir, startProductAtRest } from "./product";

const loginGoalMs = 200;
const openGoalMs = 300;
/** Between two looks at the sign-in page. */
const pauseMs = 100;
const opens = 20;
const run = promisify(execFile);

const at = (times: readonly number[], p: number) => {
  const sorted = times.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? 0);
};

/** The sign-in page while the largest comparison is computed, and the time until the stored comparison has been sent. */
export async function benchComparison(): Promise<string[]> {
  const { dataDir, remove } = freshDataDir();
  process.env.NODEWISE_DATA = dataDir;
  const product = await startProductAtRest(dataDir);
  const browser = await chromium.launch({
    executablePath: await findChromium(),
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    const nodewise = (...args: string[]) =>
      run(process.execPath, ["scripts/run.mjs", "scripts/cli/main.ts", ...args, "--json"], { env: process.env });
    const { ownerUrl } = await startServices();
    if (!ownerUrl) throw new Error("The bench needs the built-in Postgres: leave DATABASE_URL unset.");
    const pi = "pi@demo.nodewise.example";
    await nodewise(
      "study",
      "create",
      "--protocol",
      "protocols/demonstration.yaml",
      "--name",
      "bench",
      "--investigator",
      pi,
    );
    await fillLargeStudy({ ownerUrl, slug: "bench" });
    const scores = join(dataDir, "scores.csv");
    writeFileSync(scores, await scoresOf({ ownerUrl, slug: "bench" }));
    const imported = await nodewise(
      "import",
      "scores",
      scores,
      "--study",
      "bench",
      "--provenance",
      "Random numbers of the bench",
    );
    const address = `${product.url}/studies/bench/analysis?run=${JSON.parse(imported.stdout).run}`;

    const page = await browser.newPage();
    await page.goto(`${product.url}/login`);
    await page.fill("input[name=email]", pi);
    await page.fill("input[name=password]", "demonstration");
    await page.click("button[type=submit]");
    await page.waitForURL("**/studies");
    const began = performance.now();
    await page.goto(address);
    let isThere = false;
    const shown = page
      .getByRole("table")
      .first()
      .waitFor({ timeout: 300_000 })
      .then(() => {
        isThere = true;
      });
    const logins: number[] = [];
    while (!isThere) {
      const start = performance.now();
      await (await fetch(`${product.url}/login`)).text();
      logins.push(performance.now() - start);
      await wait(pauseMs);
    }
    await shown;
    const seconds = (performance.now() - began) / 1000;
    const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
    await page.close();
    const timesOf = async (page: string) => {
      const times: number[] = [];
      for (let i = 0; i < opens; i++) {
        const start = performance.now();
        await (await fetch(page, { headers: { cookie } })).text();
        times.push(performance.now() - start);
      }
      return times;
    };
    const stored = await timesOf(address);
    const demonstration = await timesOf(`${product.url}/studies/demonstration-locked/analysis`);
    return [
      `comparison of ${readers} readers, 2 conditions and ${images} images: ${seconds.toFixed(1)} s from the address to its tables, once`,
      `/login meanwhile, ${logins.length} requests: p50 ${at(logins, 0.5)} ms, p95 ${at(logins, 0.95)} ms, worst ${at(logins, 1)} ms (goal: p95 at most ${loginGoalMs} ms)`,
      `the stored comparison, whole page, ${opens} requests: p50 ${at(stored, 0.5)} ms, p95 ${at(stored, 0.95)} ms`,
      `that of the demonstration: p50 ${at(demonstration, 0.5)} ms, p95 ${at(demonstration, 0.95)} ms (goal: p50 at most ${openGoalMs} ms)`,
    ];
  } finally {
    await browser.close();
    await product.stop();
    remove();
  }
}
