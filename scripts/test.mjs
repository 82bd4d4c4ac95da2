// `npm test`: the bootstrap of `npm start`, then lint, types, unit, database and browser tests, or the stages that are named. Every stage runs
// even when one failed; the last line is the sum over all runners. Plain Node without dependencies, because at the first run there are none.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { build, checkNode, install, isBuilt, isInstalled, root } from "./lib/install.mjs";
import { elapsed, fail, step } from "./lib/steps.mjs";

/** What a stage gives, and what all of them give together; `tests` have a name and how many seconds they took. */
const none = { passed: 0, failed: 0, skipped: [], tests: [], output: "" };
const total = { passed: 0, failed: 0, skipped: [], tests: [] };
const reports = mkdtempSync(join(tmpdir(), "nodewise-reports-"));

/** Runs a program of node_modules and keeps what it prints; `show` also prints it as it comes. */
function run(entry, args, { env = {}, show = false } = {}) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [join(root, "node_modules", entry), ...args], {
      cwd: root,
      env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const printed = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (data) => {
        printed.push(data);
        if (show) process.stdout.write(data);
      });
    }
    const end = (ok) => done({ ok, output: Buffer.concat(printed).toString() });
    child.on("error", (error) => {
      printed.push(Buffer.from(`${error.message}\n`));
      end(false);
    });
    child.on("close", (code) => end(code === 0));
  });
}

/** A check that passes or fails as a whole. */
const whole = ({ ok, output }) => ({ ...none, passed: ok ? 1 : 0, failed: ok ? 0 : 1, output });

/** The counts of a runner: one that ended badly without naming a failed test, or that ran none, counts as one failed. */
function counted({ ok, output }, file, read) {
  try {
    const counts = read(JSON.parse(readFileSync(file, "utf8")));
    const ran = counts.passed + counts.failed + counts.skipped.length > 0;
    return { ...counts, failed: ok && ran ? counts.failed : Math.max(1, counts.failed), output };
  } catch {
    return { ...none, failed: 1, output: `${output}\nThe runner ended without a report.\n` };
  }
}

async function vitest(project) {
  const file = join(reports, `${project}.json`);
  const args = [
    "run",
    "--project",
    project,
    "--reporter",
    "default",
    "--reporter",
    "json",
    `--outputFile.json=${file}`,
  ];
  return counted(await run("vitest/vitest.mjs", args), file, (report) => {
    const tests = report.testResults.flatMap((result) =>
      result.assertionResults.map((test) => ({ ...test, file: relative(root, result.name) })),
    );
    const having = (...states) => tests.filter((test) => states.includes(test.status));
    // A file that does not load has no tests, and has failed all the same.
    const dead = report.testResults.filter(
      (result) => result.status === "failed" && result.assertionResults.length === 0,
    );
    return {
      passed: having("passed").length,
      failed: having("failed").length + dead.length,
      skipped: having("pending", "skipped", "todo", "disabled").map((test) => test.fullName),
      tests: tests.map(({ file, title, duration }) => ({ name: `${file}: ${title}`, seconds: (duration ?? 0) / 1000 })),
    };
  });
}

async function playwright() {
  const { findChromium } = await import("./lib/chromium.mjs");
  const file = join(reports, "browser.json");
  const env = { NODEWISE_CHROMIUM: await findChromium(), PLAYWRIGHT_JSON_OUTPUT_FILE: file, FORCE_COLOR: "0" };
  const result = await run("@playwright/test/cli.js", ["test", "--reporter", "list,json"], { env, show: true });
  return counted({ ...result, output: "" }, file, (report) => {
    const specsOf = (suite) => [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specsOf)];
    const specs = report.suites.flatMap(specsOf);
    const skipped = specs.filter((spec) => spec.tests.every((test) => test.status === "skipped"));
    return {
      passed: report.stats.expected,
      failed: report.stats.unexpected + report.stats.flaky,
      skipped: skipped.map((spec) => spec.title),
      tests: specs.map(({ file, title, tests }) => ({
        name: `tests/e2e/${file}: ${title}`,
        seconds: tests.flatMap(({ results }) => results).reduce((sum, { duration }) => sum + duration, 0) / 1000,
      })),
    };
  });
}

/** Runs one stage, adds its counts, and shows what it printed when it failed. */
async function stage(name, fn) {
  const result = await step(name, fn).catch((error) => ({ ...none, failed: 1, output: `${error.message}\n` }));
  total.passed += result.passed;
  total.failed += result.failed;
  total.skipped.push(...result.skipped.map((test) => `${name}: ${test}`));
  total.tests.push(...result.tests);
  if (result.failed > 0) process.stdout.write(`\n${result.output}\n`);
  process.stdout.write(`    ${result.passed} passed, ${result.failed} failed, ${result.skipped.length} skipped\n`);
}

const stages = {
  lint: () => stage("Lint", async () => whole(await run("@biomejs/biome/bin/biome", ["check", "."]))),
  // The types of the routes are part of the check: `next typegen` writes them where there has been no build yet.
  types: () =>
    stage("Types", async () => {
      const routes = await run("next/dist/bin/next", ["typegen"]);
      return whole(routes.ok ? await run("typescript/bin/tsc", ["--noEmit"]) : routes);
    }),
  pages: async () => {
    if (isBuilt()) return;
    await stage("Building the pages", async () => {
      await build();
      return none;
    });
  },
  unit: () => stage("Unit tests", () => vitest("unit")),
  database: () => stage("Database tests", () => vitest("database")),
  browser: () => stage("Browser tests", playwright),
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in stages));
if (unknown.length > 0)
  fail(
    `There is no stage ${unknown.join(", ")}. Name some of ${Object.keys(stages).join(", ")}; without a name all run.`,
  );
const isAsked = (name) => asked.length === 0 || asked.includes(name) || (name === "pages" && asked.includes("browser"));

/** Stages one after the other. */
async function inOrder(...names) {
  for (const name of names.filter(isAsked)) await stages[name]();
}

checkNode();
process.stdout.write("Nodewise: tests\n");
if (!isInstalled()) await step("Installing packages", install);
// One half waits for processes of its own while the other computes. The browser tests are by the clock, so they run alone.
await Promise.all([inOrder("lint", "types", "pages"), inOrder("unit", "database")]);
await inOrder("browser");
rmSync(reports, { recursive: true, force: true });

for (const test of total.skipped) process.stdout.write(`  skipped: ${test}\n`);
process.stdout.write("  the slowest:\n");
for (const { seconds, name } of total.tests.sort((a, b) => b.seconds - a.seconds).slice(0, 10))
  process.stdout.write(`  ${seconds.toFixed(1).padStart(7)} s  ${name}\n`);
process.stdout.write(`  ${elapsed()} in all\n`);
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped.length} skipped\n`);
process.exitCode = total.failed > 0 ? 1 : 0;
