// `npm test`: the bootstrap of `npm start`, then lint, types, unit, database and browser tests, or the stages that are named. Every stage runs
// even when one failed; the last line is the sum over all runners. Plain Node without dependencies, because at the first run there are none.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { build, checkNode, install, isBuilt, isInstalled, root } from "./lib/install.mjs";
import { elapsed, fail, step } from "./lib/steps.mjs";

/** What a stage gives, and what all of them give together; `tests` have a name and how many seconds they took. */
const none = { passed: 0, failed: [], skipped: [], tests: [], output: "" };
const total = { passed: 0, failed: [], skipped: [], tests: [] };
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
const whole = ({ ok, output }) => ({ ...none, passed: ok ? 1 : 0, failed: ok ? [] : ["all of it"], output });

/** The counts of a runner: one that ended badly without naming a failed test, or that ran none, counts as one failed. */
function counted({ ok, output }, file, read) {
  try {
    const counts = read(JSON.parse(readFileSync(file, "utf8")));
    const ran = counts.passed + counts.failed.length + counts.skipped.length > 0;
    const isNamed = (ok && ran) || counts.failed.length > 0;
    return { ...counts, failed: isNamed ? counts.failed : ["the runner itself"], output };
  } catch {
    return { ...none, failed: ["the runner itself"], output: `${output}\nThe runner ended without a report.\n` };
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
      failed: [
        ...having("failed").map((test) => `${test.file}: ${test.fullName}`),
        ...dead.map((result) => relative(root, result.name)),
      ],
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
    const having = (...states) => specs.filter((spec) => spec.tests.some((test) => states.includes(test.status)));
    return {
      passed: report.stats.expected,
      failed: having("unexpected", "flaky").map((spec) => `tests/e2e/${spec.file}: ${spec.title}`),
      skipped: having("skipped").map((spec) => spec.title),
      tests: specs.map(({ file, title, tests }) => ({
        name: `tests/e2e/${file}: ${title}`,
        seconds: tests.flatMap(({ results }) => results).reduce((sum, { duration }) => sum + duration, 0) / 1000,
      })),
    };
  });
}

const sumOf = ({ passed, failed, skipped }) => `${passed} passed, ${failed.length} failed, ${skipped.length} skipped`;

/** Runs one stage, adds its counts, and shows what it printed when it failed. */
async function stage(name, fn) {
  const result = await step(name, fn).catch((error) => ({
    ...none,
    failed: ["all of it"],
    output: `${error.message}\n`,
  }));
  total.passed += result.passed;
  for (const state of ["failed", "skipped"]) total[state].push(...result[state].map((test) => `${name}: ${test}`));
  total.tests.push(...result.tests);
  if (result.failed.length > 0) process.stdout.write(`\n${result.output}\n`);
  process.stdout.write(`    ${sumOf(result)}\n`);
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

for (const state of ["skipped", "failed"])
  for (const test of total[state]) process.stdout.write(`  ${state}: ${test}\n`);
process.stdout.write("  the slowest:\n");
for (const { seconds, name } of total.tests.sort((a, b) => b.seconds - a.seconds).slice(0, 10))
  process.stdout.write(`  ${seconds.toFixed(1).padStart(7)} s  ${name}\n`);
process.stdout.write(`  ${elapsed()} in all\n`);
process.stdout.write(`${sumOf(total)}\n`);
process.exitCode = total.failed.length > 0 ? 1 : 0;
