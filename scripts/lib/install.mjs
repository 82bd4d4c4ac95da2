import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fail } from "./steps.mjs";

/** The folder of the project. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const lowestNode = [20, 19];

export function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > lowestNode[0] || (major === lowestNode[0] && minor >= lowestNode[1])) return;
  fail(
    `Nodewise needs Node ${lowestNode.join(".")} or later; this is ${process.versions.node}. Install a current Node (20, 22 or 24) and start again.`,
  );
}

/** Runs a program quietly; its output is shown only when it fails. */
export function quietly(command, args, options = {}) {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], ...options });
    const lines = [];
    child.stdout.on("data", (data) => lines.push(data));
    child.stderr.on("data", (data) => lines.push(data));
    child.on("error", failed);
    child.on("close", (code) =>
      code === 0
        ? done()
        : failed(new Error(`${command} ${args.join(" ")} ended with ${code}:\n${Buffer.concat(lines)}`)),
    );
  });
}

const hashOf = (text) => createHash("sha256").update(text).digest("hex");
const lockHash = () => hashOf(readFileSync(join(root, "package-lock.json")));
const lockStamp = join(root, "node_modules", ".nodewise-lock");

export const isInstalled = () => existsSync(lockStamp) && readFileSync(lockStamp, "utf8") === lockHash();

export async function install() {
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  await quietly(npm, ["ci", "--no-audit", "--no-fund"], { env: { ...process.env, NODE_ENV: "development" } }).catch(
    (error) => {
      const full = /ENOSPC/.test(error.message);
      fail(
        full
          ? "The disk is full: installing needs about 1.2 GB. Free some space and start again."
          : `Installing the packages failed.\n${error.message}`,
      );
    },
  );
  writeFileSync(lockStamp, lockHash());
}

/** Files and folders that the web build is made of. */
const sources = [
  "app",
  "server",
  "core",
  "db",
  "protocols",
  "public",
  "next.config.js",
  "postcss.config.mjs",
  "tsconfig.json",
  "package-lock.json",
];

function* filesOf(path) {
  if (!existsSync(path)) return;
  if (!statSync(path).isDirectory()) return yield path;
  for (const entry of readdirSync(path).sort()) yield* filesOf(join(path, entry));
}

const sourceHash = () =>
  hashOf(
    [...sources.flatMap((name) => [...filesOf(join(root, name))])]
      .map((file) => `${file.slice(root.length)} ${hashOf(readFileSync(file))}`)
      .join("\n"),
  );
const buildStamp = join(root, ".next", "nodewise-sources");

export const isBuilt = () => existsSync(buildStamp) && readFileSync(buildStamp, "utf8") === sourceHash();

/** Builds the pages. @throws Error with what the build printed */
export async function build() {
  const env = { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" };
  await quietly(process.execPath, [join(root, "node_modules/next/dist/bin/next"), "build"], {
    env,
    timeout: 15 * 60_000,
  }).catch((error) => {
    throw new Error(`The web build failed.\n${error.message}`);
  });
  writeFileSync(buildStamp, sourceHash());
}
