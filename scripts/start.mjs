// `npm start`: installs what is missing, builds when sources changed, starts Postgres, web and worker, starts again whichever of them dies, and
// stops them all on Ctrl-C. Plain Node without dependencies, because at the first start there are none.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { build, checkNode, install, isBuilt, isInstalled, root } from "./lib/install.mjs";
import { elapsed, fail, step } from "./lib/steps.mjs";

const development = process.argv.includes("--dev");
const port = Number(process.env.PORT ?? 3000);
const host = process.env.NODEWISE_HOST ?? "127.0.0.1";
const url = process.env.NEXTAUTH_URL ?? `http://localhost:${port}`;
const base = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: development ? "development" : "production" };

const endWithParent = ["--import", "./scripts/lib/end-with-parent.mjs"];
/** The processes, by name. Whatever ends this script closes their standard input, at which they end, too. */
const children = new Map();
/** What the services handed over: the environments of web and worker, the demonstration's accounts. */
let ready;
/** Everything runs: a process that ends from now on is started again, one that ended before made the start fail. */
let isUp = false;
let stopping = false;

function start(name, args, { env = {}, stdio = ["pipe", "inherit", "inherit"] } = {}) {
  // A process group of its own: Ctrl-C reaches only this script, which then stops the others in order.
  const child = spawn(process.execPath, args, { cwd: root, env: { ...base, ...env }, stdio, detached: true });
  children.set(name, child);
  return child;
}

function stopChild(name, milliseconds) {
  const child = children.get(name);
  return new Promise((done) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return done();
    const kill = setTimeout(() => child.kill("SIGKILL"), milliseconds);
    child.once("exit", () => {
      clearTimeout(kill);
      done();
    });
    child.stdin.end();
    child.kill("SIGTERM");
  });
}

async function stopAll(code) {
  if (stopping) return;
  stopping = true;
  await Promise.all([stopChild("worker", 10_000), stopChild("web", 5_000)]);
  await stopChild("services", 15_000);
  process.exit(code);
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stopAll(0));

const portIsFree = () =>
  new Promise((done) => {
    const server = createServer().once("error", () => done(false));
    server.listen(port, host, () => server.close(() => done(true)));
  });

/** Seconds of life after which a process counts as one that works: it is started again at once, others after ever longer pauses. */
const soundSeconds = 5;

/**
 * Runs a process and starts it again whenever it ends, until everything stops.
 * @param begin starts it once
 */
function keep(name, begin, failures = 0) {
  const began = Date.now();
  begin().on("exit", (code) => {
    if (stopping) return;
    if (!isUp) {
      process.stderr.write(`\nThe ${name} process ended (${code ?? "killed"}) before everything was started.\n`);
      stopAll(1);
      return;
    }
    const inARow = Date.now() - began > soundSeconds * 1000 ? 0 : failures + 1;
    const pause = inARow === 0 ? 0 : Math.min(30, 2 ** inARow);
    process.stderr.write(
      `The ${name} process ended (${code ?? "killed"}); it starts again${pause > 0 ? ` in ${pause} s` : ""}. What was saved is kept.\n`,
    );
    setTimeout(() => !stopping && keep(name, begin, inARow), pause * 1000);
  });
}

/** Starts the services, which keep Postgres, and waits until they hand over the environments of web and worker. */
function keepServices() {
  return new Promise((done) => {
    keep("services", () => {
      const services = start("services", ["--import", "tsx", "scripts/keep-services.ts"], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      createInterface({ input: services.stdout }).on("line", (line) => {
        const message = JSON.parse(line);
        if (message.step !== "ready") return;
        const moved =
          ready && JSON.stringify([ready.web, ready.worker]) !== JSON.stringify([message.web, message.worker]);
        ready = message;
        done();
        // Another Postgres than the one they know: they end, and are started again with its address.
        if (moved) for (const name of ["web", "worker"]) children.get(name)?.kill("SIGTERM");
      });
      return services;
    });
  });
}

function keepWeb() {
  keep("web", () =>
    start("web", [...endWithParent, "scripts/web.mjs", ...(development ? ["--dev"] : [])], {
      env: {
        ...ready.web,
        PORT: String(port),
        NODEWISE_HOST: host,
        NEXTAUTH_URL: url,
        NODEWISE_DEMONSTRATION: ready.accounts.length > 0 ? "true" : "false",
      },
      stdio: ["pipe", development ? "inherit" : "ignore", "inherit"],
    }),
  );
}

function keepWorker() {
  const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
  const args = development
    ? [tsx, "watch", "--clear-screen=false", "worker/main.ts"]
    : ["--import", "tsx", "worker/main.ts"];
  keep("worker", () => start("worker", [...endWithParent, ...args], { env: ready.worker }));
}

/** Waits until the pages and the database behind them answer. */
async function answers() {
  const everywhere = ["0.0.0.0", "::"].includes(host);
  const address = everywhere ? "localhost" : host.includes(":") ? `[${host}]` : host;
  for (let attempt = 0; attempt < 600 && !stopping; attempt++) {
    const response = await fetch(`http://${address}:${port}/api/health`).catch(() => null);
    if (response?.ok) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  if (!stopping) throw new Error("The pages do not answer. See the lines above.");
}

async function startAll() {
  if (!isInstalled()) await step("Installing packages", install);
  await Promise.all([
    development || isBuilt() ? null : step("Building the pages", build),
    step("Starting the database", keepServices),
  ]);
  await step("Starting the pages", () => {
    keepWeb();
    return answers();
  });
  isUp = true;
  keepWorker();
}

checkNode();
if (!Number.isInteger(port) || port < 1 || port > 65_535)
  fail(`PORT=${process.env.PORT} is not a port. Use a number from 1 to 65535.`);
if (!(await portIsFree()))
  fail(
    `Port ${port} is in use. Stop the program that holds it, or start with another port: PORT=${port + 1} npm start`,
  );
process.stdout.write("Nodewise\n");
try {
  await startAll();
} catch (error) {
  process.stderr.write(`\n${error.message}\n`);
  await stopAll(1);
}

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
