import { randomUUID } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat, statfs } from "node:fs/promises";
import { basename, join } from "node:path";
import {
  bindingPackage,
  bindingVersion,
  enginesFolder,
  type Flavour,
  nativeFolder,
  whyNotInstalled,
} from "@/worker/engines/native";
import { probe } from "@/worker/engines/probe";
import { type Artefact, artefacts, room } from "./artefacts";
import { build } from "./build";
import { describeCard } from "./check";
import { obtain, programs } from "./fetch";
import { run, step } from "./run";

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
const megabytes = (bytes: number) => (bytes < 1e6 ? "under 1 MB" : `${Math.round(bytes / 1e6)} MB`);
const millisecondsOfADay = 86_400_000;

/** Everything that would stop the installation, said at once and before anything is fetched. */
async function refuseWithoutMeans(flavour: Flavour, fetchesWheels: boolean, fetchesPackages: boolean): Promise<void> {
  if (process.platform !== "linux" || process.arch !== "x64")
    throw new Error(
      `The native engine is made for Linux on x64; this is ${process.platform} on ${process.arch}. The portable engine runs here.`,
    );
  const has = (command: string, ...args: string[]) =>
    run(command, args).then(
      () => true,
      () => false,
    );
  const missing: string[] = [];
  if (fetchesWheels && !(await has(programs.python, "--version")))
    missing.push("python3 (Debian: apt install python3 python3-pip), or name the wheels with --wheel FILE");
  else if (fetchesWheels && !(await has(programs.python, "-m", "pip", "--version")))
    missing.push("pip for python3 (Debian: apt install python3-pip), or name the wheels with --wheel FILE");
  if (fetchesPackages && !(await has(programs.npm, "--version")))
    missing.push("npm (it comes with Node), or name the packages with --package FILE");
  if (!(await has(programs.compiler, "--version"))) missing.push("g++ (Debian: apt install g++), or name one with CXX");
  if (!(await has("strip", "--version"))) missing.push("strip (Debian: apt install binutils)");
  if (!(await has("tar", "--version"))) missing.push("tar (Debian: apt install tar)");
  const { bavail, bsize } = await statfs(enginesFolder());
  const free = bavail * bsize;
  const { building, finished } = room[flavour];
  if (free < building)
    missing.push(
      `room: ${gigabytes(building)} while it is made (${gigabytes(finished)} afterwards) in ${enginesFolder()}, where ${gigabytes(free)} are free. ` +
        "Free some, or name another folder with NODEWISE_CACHE",
    );
  if (missing.length > 0) throw new Error(`To make the native engine this machine lacks:\n  ${missing.join("\n  ")}`);
}

/** What a killed installation left behind. One of the last day may still be at work. */
async function removeRemains(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (name.startsWith(".") && (await stat(path)).mtimeMs < Date.now() - millisecondsOfADay)
      await rm(path, { recursive: true, force: true });
  }
}

/**
 * Puts a finished build in its place in one move. Of two installations at the same time the second finds the place taken by an equal one.
 * A broken one is moved away first.
 */
async function putInPlace(built: string, folder: string, isBroken: boolean): Promise<void> {
  const old = join(enginesFolder(), `.replaced-${randomUUID()}`);
  const unless = (codes: string[]) => (error: NodeJS.ErrnoException) => {
    if (!codes.includes(error.code ?? "")) throw error;
  };
  if (isBroken) await rename(folder, old).catch(unless(["ENOENT"]));
  await rename(built, folder).catch(unless(["ENOTEMPTY", "EEXIST"]));
  await rm(old, { recursive: true, force: true });
}

/**
 * Makes the native engine in the user's cache from published packages, tries it, and puts it in place in one move. One that is there and
 * works is left alone.
 * @param given files brought here by hand instead of a download
 */
export async function install({ flavour, given }: { flavour: Flavour; given: readonly string[] }): Promise<void> {
  const folder = nativeFolder(flavour);
  const needed = artefacts[flavour];
  for (const path of given) {
    if (!existsSync(path)) throw new Error(`${path} cannot be read.`);
    if (!needed.some(({ file }) => file === basename(path)))
      throw new Error(
        `${basename(path)} is no part of this engine. Its files are:\n  ${needed.map(({ file }) => file).join("\n  ")}`,
      );
  }
  const isThere = existsSync(folder);
  const whole = whyNotInstalled(flavour) === null;
  if (whole && (await probe({ name: "native", folder }).then(Boolean, () => false))) {
    process.stdout.write("The native engine is installed and works.\n");
    return;
  }
  await mkdir(enginesFolder(), { recursive: true });
  await removeRemains(enginesFolder());
  const fetches = (wanted: Artefact["kind"]) =>
    needed.some(({ kind, file }) => kind === wanted && !given.some((path) => basename(path) === file));
  await refuseWithoutMeans(flavour, fetches("wheel"), fetches("package"));

  const temporary = join(enginesFolder(), `.building-${randomUUID()}`);
  const remove = () => rmSync(temporary, { recursive: true, force: true });
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => {
      remove();
      process.exit(1);
    });
  try {
    const [work, target] = [join(temporary, "work"), join(temporary, "engine")];
    await mkdir(work, { recursive: true });
    await mkdir(target);
    const files = new Map<Artefact, string>();
    for (const artefact of needed)
      await step(`${artefact.name} ${artefact.version} (${megabytes(artefact.bytes)})`, async () => {
        files.set(artefact, await obtain(artefact, given, work));
      });
    await build({ flavour, files, work, target });
    const answer = await step("Trying it", () => probe({ name: "native", folder: target })).catch((error) => {
      throw new Error(`The engine was made but is of no use here: ${error.message}. Nothing was installed.`);
    });
    await putInPlace(target, folder, isThere);
    process.stdout.write(
      `The native engine (${bindingPackage[flavour]} ${bindingVersion} on libtensorflow ${answer.library}) is installed in ${folder}.\n` +
        (flavour === "cuda"
          ? `It computes on ${answer.card ? describeCard(answer.card) : "the processor, since it finds no CUDA device here"}.\n`
          : ""),
    );
  } finally {
    remove();
  }
}
