import { chromium, type Page } from "@playwright/test";
import type { Account } from "@/tests/load/readers";
import { studyOfReaders } from "@/tests/load/study";
import { findChromium } from "../lib/chromium.mjs";
import { machine } from "./peers";
import { freshDataDir, startProductAtRest } from "./product";

/** What is asked of a line of these milliseconds to the first byte of an answer and so many bytes a second; without: this machine's own. */
const lines = [
  { name: "idle line", goalMs: 50 },
  { name: "100 ms, 3 Mbit/s", goalMs: 150, latency: 100, bytesPerSecond: 3_000_000 / 8 },
];

/** A second and more each; NODEWISE_BENCH_CASES=60 for a look. */
const casesRead = Number(process.env.NODEWISE_BENCH_CASES ?? 300);
/** Between which the memory of the page is looked at. */
const parts = 3;
/** Server, page and connections that have just started load their parts with the first cases. */
const casesBefore = 20;
/** Three images each: more cases in a list than are read. */
const patients = Math.ceil((casesRead + casesBefore) / 2.5);

/** Milliseconds for which a reader looks at a case before the answer: what is brought ahead comes meanwhile. */
const looksMs = 900;

interface Timed {
  /** Of the key presses and of the paints of images, in the page's own clock. */
  pressed: number[];
  painted: number[];
  /** When a submitted read was sent, and when it was answered. */
  sent: number[];
  answered: number[];
}

/** Element Timing (WICG) says when the frame with an image was presented, the event when the key was pressed, Resource Timing when the answer was there. */
const timePaints = () => {
  const timed: Timed = { pressed: [], painted: [], sent: [], answered: [] };
  Object.assign(window, { timed });
  addEventListener("keydown", (event) => event.key === "Enter" && timed.pressed.push(event.timeStamp), true);
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) timed.painted.push(entry.startTime);
  }).observe({ type: "element", buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (!entry.name.includes("reading.submit")) continue;
      timed.sent.push(entry.startTime);
      timed.answered.push(entry.startTime + entry.duration);
    }
  }).observe({ type: "resource" });
};

async function signIn(page: Page, url: string, { email, password }: Account) {
  await page.goto(`${url}/login`);
  await page.fill("input[name=email]", email);
  await page.fill("input[name=password]", password);
  await page.click("button[type=submit]");
  await page.waitForURL("**/studies");
}

/** What passed between the key that submits and the frame with the next image, in milliseconds. */
interface Passed {
  whole: number;
  /** Until the read was on its way. */
  sent: number;
  /** The answer. */
  answer: number;
}

/** Reads so many cases with the keyboard. */
async function readCases(page: Page, count: number): Promise<Passed[]> {
  const passed: Passed[] = [];
  for (let n = 0; n < count; n++) {
    await page.waitForTimeout(looksMs);
    await page.keyboard.press("1");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    const times = await page.waitForFunction(() => {
      const { pressed, painted, sent, answered } = (window as unknown as { timed: Timed }).timed;
      const [start, paint, out, back] = [pressed, painted, sent, answered].map((all) => all.at(-1) ?? 0);
      if (!start || !paint || !out || !back || Math.min(paint, out, back) <= start) return null;
      return { whole: paint - start, sent: out - start, answer: back - out };
    });
    passed.push((await times.jsonValue()) ?? { whole: 0, sent: 0, answer: 0 });
  }
  return passed;
}

/** Key press to next image painted, over cases whose size is not shown, on an idle and on a slow line, in Chromium. */
export async function benchReading(): Promise<string[]> {
  const { dataDir, remove } = freshDataDir();
  const product = await startProductAtRest(dataDir);
  const { slug, accounts } = await studyOfReaders(dataDir, { readers: lines.length, patients });
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
  const report: string[] = [`Key press to next image painted, ${machine()}`];
  try {
    for (const [i, { name, goalMs, latency = 0, bytesPerSecond = -1 }] of lines.entries()) {
      const [account] = accounts.slice(i);
      if (!account) continue;
      const page = await browser.newPage();
      await page.addInitScript(timePaints);
      await signIn(page, product.url, account);
      const network = await page.context().newCDPSession(page);
      await page.goto(`${product.url}/studies/${slug}/reading/case`, { waitUntil: "networkidle" });
      await page.locator("[data-theme=reading] img").first().waitFor();
      await readCases(page, casesBefore);
      await network.send("Network.emulateNetworkConditions", {
        ...{ offline: false, latency },
        ...{ downloadThroughput: bytesPerSecond, uploadThroughput: bytesPerSecond },
      });
      const passed: Passed[] = [];
      const used: string[] = [];
      for (let part = 0; part < parts; part++) {
        passed.push(...(await readCases(page, casesRead / parts)));
        await network.send("HeapProfiler.collectGarbage");
        used.push(((await network.send("Runtime.getHeapUsage")).usedSize / 2 ** 20).toFixed(1));
      }
      const at = (of: keyof Passed, p: number) => {
        const sorted = passed.map((each) => each[of]).sort((a, b) => a - b);
        return `${Math.round(sorted[Math.floor(p * (sorted.length - 1))] ?? 0)} ms`;
      };
      report.push(
        `${name}, ${passed.length} cases: p50 ${at("whole", 0.5)}, p95 ${at("whole", 0.95)}, worst ${at("whole", 1)} (goal: p95 at most ${goalMs} ms); of it p50 ${at("sent", 0.5)} until it is sent, ${at("answer", 0.5)} until it is answered; heap after each ${casesRead / parts} cases ${used.join(", ")} MiB`,
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
