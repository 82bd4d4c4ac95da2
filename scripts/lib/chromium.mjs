import { existsSync } from "node:fs";
import { canInstall, install, onPath } from "./programs.mjs";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const firstOnPath = () => names.map(onPath).find((path) => path !== undefined);

/**
 * A Chromium for the browser tests: NODEWISE_CHROMIUM, else the system's, else Playwright's own, else Debian's package (as root).
 * @throws Error with what to do when there is none: browser tests are never skipped in silence
 */
export async function findChromium() {
  const configured = process.env.NODEWISE_CHROMIUM;
  if (configured) {
    if (existsSync(configured)) return configured;
    throw new Error(`NODEWISE_CHROMIUM names ${configured}, which is not there.`);
  }
  const found = firstOnPath();
  if (found) return found;
  const { chromium } = await import("@playwright/test");
  if (existsSync(chromium.executablePath())) return chromium.executablePath();
  if (canInstall()) {
    install("chromium");
    const installed = firstOnPath();
    if (installed) return installed;
  }
  throw new Error(
    "No Chromium for the browser tests. Install Chromium or Chrome, or name one with NODEWISE_CHROMIUM=/path/to/chromium.",
  );
}
