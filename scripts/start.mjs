// `npm start`: installs what is missing, builds when sources changed, starts Postgres, web and worker, and stops them all on Ctrl-C.
// Plain Node without dependencies, because at the first start there are none.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { build, checkNode, install, isBuilt, isInstalled, root } from "./lib/install.mjs";
import { elapsed, fail, step } from "./lib/steps.mjs";

const development = process.argv.includes("--dev");
const port = Number(process.env.PORT ?? 3000);
const url = process.env.NEXTAUTH_URL ?? `http://localhost:${port}`;
const base = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: development ? "development" : "production" };

const children = new Set();
let stopping = false;
const endWithParent = ["--import", "./scripts/lib/end-with-parent.mjs"];

function start(name, args, { env = {}, stdio = "inherit" } = {}) {
  // A process group of its own: Ctrl-C reaches only this script, which then stops the others in order.
  const child = spawn(process.execPath, args, { cwd: root, env: { ...base, ...env }, stdio, detached: true });
  children.add(child);
  child.name = name;
  child.on("exit", () => children.delete(child));
  return child;
}

function stopChild(child, milliseconds) {
  return new Promise((done) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return done();
    const kill = setTimeout(() => child.kill("SIGKILL"), milliseconds);
    child.once("exit", () => {
      clearTimeout(kill);
      done();
    });
    if (child.stdin) child.stdin.end();
    child.kill("SIGTERM");
  });
}

let web;
let worker;
let services;

async function stopAll(code) {
  if (stopping) return;
  stopping = true;
  await Promise.all([stopChild(worker, 10_000), stopChild(web, 5_000)]);
  await stopChild(services, 10_000);
  process.exit(code);
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stopAll(0));
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

const portIsFree = () =>
  new Promise((done) => {
    const server = createServer().once("error", () => done(false));
    server.listen(port, () => server.close(() => done(true)));
  });

/** Starts the services and waits until they hand over the environments of web and worker. */
function startServices() {
  return new Promise((done) => {
    services = start("services", ["--import", "tsx", "scripts/keep-services.ts"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    createInterface({ input: services.stdout }).on("line", (line) => {
      const message = JSON.parse(line);
      if (message.step === "ready") done(message);
    });
    services.on("exit", (code) => {
      if (!stopping) stopAll(code || 1);
    });
  });
}

async function answers() {
  for (let attempt = 0; attempt < 600 && !stopping; attempt++) {
    const response = await fetch(`http://localhost:${port}/login`, { redirect: "manual" }).catch(() => null);
    if (response && response.status < 500) return;
    await new Promise((done) => setTimeout(done, 100));
  }
}

function keepWorker(env, restarts = 0) {
  const watch = development ? ["watch", "--clear-screen=false"] : [];
  const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
  const args = development ? [tsx, ...watch, "worker/main.ts"] : ["--import", "tsx", "worker/main.ts"];
  const began = Date.now();
  worker = start("worker", [...endWithParent, ...args], { env, stdio: ["pipe", "inherit", "inherit"] });
  worker.on("exit", (code) => {
    if (stopping) return;
    const again = Date.now() - began > 60_000 ? 0 : restarts + 1;
    const pause = Math.min(30, 2 ** again);
    process.stderr.write(
      `The worker ended (${code ?? "killed"}); it starts again in ${pause} s. Queued work is kept.\n`,
    );
    setTimeout(() => !stopping && keepWorker(env, again), pause * 1000);
  });
}

checkNode();
if (!Number.isInteger(port) || port < 1 || port > 65_535)
  fail(`PORT=${process.env.PORT} is not a port. Use a number from 1 to 65535.`);
if (!(await portIsFree()))
  fail(
    `Port ${port} is in use. Stop the program that holds it, or start with another port: PORT=${port + 1} npm start`,
  );
process.stdout.write("Nodewise\n");
if (!isInstalled()) await step("Installing packages", install);
const building = development || isBuilt() ? null : step("Building the pages", build);
const ready = await step("Starting the database", startServices);
await building;

const next = join(root, "node_modules/next/dist/bin/next");
const webEnv = {
  ...ready.web,
  NEXTAUTH_URL: url,
  NODEWISE_DEMONSTRATION: ready.accounts.length > 0 ? "true" : "false",
};
await step("Starting the pages", async () => {
  web = start("web", [...endWithParent, next, development ? "dev" : "start", "-p", String(port)], {
    env: webEnv,
    stdio: ["pipe", development ? "inherit" : "ignore", "inherit"],
  });
  web.on("exit", (code) => {
    if (stopping) return;
    process.stderr.write(
      `The web server ended (${code ?? "killed"}). See the lines above; nothing that was saved is lost.\n`,
    );
    stopAll(1);
  });
  await answers();
});
keepWorker(ready.worker);

process.stdout.write(`\n  ${url}   (after ${elapsed()})\n`);
if (ready.accounts.length > 0) {
  process.stdout.write("\n  Demonstration accounts (synthetic data), password: demonstration\n");
  for (const { email, roles } of ready.accounts) process.stdout.write(`    ${email.padEnd(38)} ${roles}\n`);
}
if (!ready.hasFastEngine && process.platform === "linux" && process.arch === "x64")
  process.stdout.write(
    "\n  The network is trained on the portable engine. `npm run engine -- install` (252 MB, once) makes one several times as fast;\n" +
      "  the next training takes it by itself.\n",
  );
process.stdout.write("\n  Ctrl-C stops everything.\n\n");
