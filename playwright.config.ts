import { defineConfig } from "@playwright/test";
import { findChromium } from "./scripts/lib/chromium.mjs";

/** The browser tests walk the product as `npm start` runs it; `tests/e2e/global-setup.ts` starts and stops it. */
export default defineConfig({
  testDir: "tests/e2e",
  outputDir: "test-results/traces",
  globalSetup: "./tests/e2e/global-setup.ts",
  workers: 2,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  forbidOnly: true,
  reporter: "list",
  use: {
    // Known once the product has been started: each worker process reads this file again.
    ...(process.env.NODEWISE_E2E_URL && { baseURL: process.env.NODEWISE_E2E_URL }),
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    timezoneId: "UTC",
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    trace: "retain-on-failure",
    launchOptions: {
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
    },
  },
});
