import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const onPath = () =>
  (process.env.PATH ?? "")
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((path) => existsSync(path));

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
  const found = onPath();
  if (found) return found;
  const { chromium } = await import("@playwright/test");
  if (existsSync(chromium.executablePath())) return chromium.executablePath();
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    const quiet = { stdio: "ignore", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
    execFileSync("apt-get", ["update", "-qq"], quiet);
    execFileSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], quiet);
    const installed = onPath();
    if (installed) return installed;
  }
  throw new Error(
    "No Chromium for the browser tests. Install Chromium or Chrome, or name one with NODEWISE_CHROMIUM=/path/to/chromium.",
  );
}
