import { chromium, type Page } from "@playwright/test";
import { findChromium } from "../lib/chromium.mjs";
import { freshDataDir, startProductAtRest } from "./product";

const goalMs = 100;

async function signIn(page: Page, url: string, email: string) {
  await page.goto(`${url}/login`);
  await page.fill("input[name=email]", email);
  await page.fill("input[name=password]", "demonstration");
  await page.click("button[type=submit]");
  await page.waitForURL("**/studies");
}

/** Reads one list with the keyboard; returns the milliseconds from the submitting key press to the next image painted. Empty when nothing waits. */
async function readList(page: Page, url: string): Promise<number[]> {
  // What the page still asks for when it is there is not part of a case.
  await page.goto(`${url}/studies/demonstration-running/reading/case`, { waitUntil: "networkidle" });
  // The first case, or that there is none.
  await page.locator("[data-theme=reading]").locator("img, h2").first().waitFor();
  const times: number[] = [];
  for (;;) {
    const image = page.locator("img").first();
    if (!(await image.isVisible().catch(() => false))) return times;
    const before = await image.getAttribute("src");
    await page.evaluate(() => {
      performance.clearMarks();
    });
    await page.keyboard.press("1");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.waitForFunction((src) => document.querySelector("img")?.getAttribute("src") !== src, before);
    if (!(await image.isVisible().catch(() => false))) return times;
    const time = await page.waitForFunction(() => {
      const start = performance.getEntriesByName("nodewise:submit").at(-1)?.startTime ?? Number.POSITIVE_INFINITY;
      const end = performance.getEntriesByName("nodewise:painted").at(-1)?.startTime ?? 0;
      return end > start ? end - start : null;
    });
    times.push(Number(await time.jsonValue()));
  }
}

/** Key press to next image painted, over the waiting cases of both demonstration readers but those of the first list, in Chromium. */
export async function benchReading(): Promise<string[]> {
  const { dataDir, remove } = freshDataDir();
  const product = await startProductAtRest(dataDir);
  const browser = await chromium.launch({
    executablePath: await findChromium(),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  try {
    const times: number[] = [];
    for (const reader of ["r2", "r3"]) {
      const page = await browser.newPage();
      await signIn(page, product.url, `${reader}@demo.nodewise.example`);
      // Server and connections that have just started load their parts with the first requests.
      if (reader === "r2") await readList(page, product.url);
      for (let list = await readList(page, product.url); list.length > 0; list = await readList(page, product.url))
        times.push(...list);
      await page.close();
    }
    const sorted = times.sort((a, b) => a - b);
    const at = (p: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? 0);
    return [
      `key press to next image painted, ${times.length} cases: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, worst ${at(1)} ms (goal: p95 at most ${goalMs} ms)`,
    ];
  } finally {
    await browser.close();
    await product.stop();
    remove();
  }
}
