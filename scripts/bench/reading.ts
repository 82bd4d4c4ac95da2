import { chromium, type Page } from "@playwright/test";
import { findChromium } from "../lib/chromium.mjs";
import { freshDataDir, startProductAtRest } from "./product";

/** What is asked of a line of these milliseconds to the first byte of an answer and so many bytes a second; without: this machine's own. */
const lines = [
  { name: "idle line", reader: "r2", goalMs: 50 },
  { name: "100 ms, 3 Mbit/s", reader: "r3", goalMs: 150, latency: 100, bytesPerSecond: 3_000_000 / 8 },
];

/** Milliseconds for which a reader looks at a case before the answer: what is brought ahead comes meanwhile. */
const looksMs = 900;

interface Timed {
  /** Of the key presses and of the paints of images, in the page's own clock. */
  pressed: number[];
  painted: number[];
}

/** Element Timing (WICG) says when the frame with an image was presented, and the event when the key was pressed. */
const timePaints = () => {
  const timed: Timed = { pressed: [], painted: [] };
  Object.assign(window, { timed });
  addEventListener("keydown", (event) => event.key === "Enter" && timed.pressed.push(event.timeStamp), true);
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) timed.painted.push(entry.startTime);
  }).observe({ type: "element", buffered: true });
};

async function signIn(page: Page, url: string, email: string) {
  await page.goto(`${url}/login`);
  await page.fill("input[name=email]", email);
  await page.fill("input[name=password]", "demonstration");
  await page.click("button[type=submit]");
  await page.waitForURL("**/studies");
}

/**
 * Reads one list with the keyboard; returns the milliseconds from the submitting key press to the next image painted. Empty when nothing waits.
 * @param onOpen is told once the page is there
 */
async function readList(page: Page, url: string, onOpen?: () => Promise<unknown>): Promise<number[]> {
  // What the page still asks for when it is there is not part of a case.
  await page.goto(`${url}/studies/demonstration-running/reading/case`, { waitUntil: "networkidle" });
  // The first case, or that there is none.
  await page.locator("[data-theme=reading]").locator("img, h2").first().waitFor();
  await onOpen?.();
  const times: number[] = [];
  for (;;) {
    const image = page.locator("img").first();
    if (!(await image.isVisible().catch(() => false))) return times;
    const before = await image.getAttribute("src");
    await page.waitForTimeout(looksMs);
    await page.keyboard.press("1");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.waitForFunction((src) => document.querySelector("img")?.getAttribute("src") !== src, before);
    if (!(await image.isVisible().catch(() => false))) return times;
    const time = await page.waitForFunction(() => {
      const { pressed, painted } = (window as unknown as { timed: Timed }).timed;
      const [start, end] = [pressed.at(-1) ?? Number.POSITIVE_INFINITY, painted.at(-1) ?? 0];
      return end > start ? end - start : null;
    });
    times.push(Number(await time.jsonValue()));
  }
}

/** Key press to next image painted, over the waiting cases of a demonstration reader each on an idle and on a slow line, in Chromium. */
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
  const report: string[] = [];
  try {
    for (const { name, reader, goalMs, latency, bytesPerSecond = -1 } of lines) {
      const page = await browser.newPage();
      await page.addInitScript(timePaints);
      await signIn(page, product.url, `${reader}@demo.nodewise.example`);
      const network = await page.context().newCDPSession(page);
      const slow = () =>
        network.send("Network.emulateNetworkConditions", {
          offline: false,
          latency: latency ?? 0,
          downloadThroughput: bytesPerSecond,
          uploadThroughput: bytesPerSecond,
        });
      const heap = async () => (await network.send("Runtime.getHeapUsage")).usedSize;
      // Server and connections that have just started load their parts with the first requests.
      await readList(page, product.url);
      const times: number[] = [];
      const used: number[] = [];
      for (;;) {
        const list = await readList(page, product.url, latency === undefined ? undefined : slow);
        if (list.length === 0) break;
        times.push(...list);
        await network.send("HeapProfiler.collectGarbage");
        used.push(await heap());
      }
      const sorted = times.sort((a, b) => a - b);
      const at = (p: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? 0);
      report.push(
        `key press to next image painted, ${name}, ${times.length} cases: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, worst ${at(1)} ms (goal: p95 at most ${goalMs} ms); heap after a list ${used.map((bytes) => (bytes / 2 ** 20).toFixed(1)).join(", ")} MiB`,
      );
      await page.close();
    }
    return report;
  } finally {
    await browser.close();
    await product.stop();
    remove();
  }
}
