import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import type { Flavour } from "@/worker/engines/native";
import { artefacts } from "./artefacts";
import { bench } from "./bench";
import { check } from "./check";
import { install } from "./install";

const collect = (file: string, files: string[]) => [...files, file];
const print = (lines: string[]): void => {
  process.stdout.write(`${lines.join("\n")}\n`);
};

/** Files of this flavour in the folder that NODEWISE_ENGINE_FILES names, for machines without a package registry. */
function filesOfEnvironment(flavour: Flavour): string[] {
  const folder = process.env.NODEWISE_ENGINE_FILES;
  return folder ? artefacts[flavour].map(({ file }) => join(folder, file)).filter((path) => existsSync(path)) : [];
}

const program = new Command("engine").description(
  "The engines that run the network, and the fast one for this machine's CPU or GPU.",
);
program
  .command("install")
  .description("make the native engine in the user's cache folder, from published packages")
  .option("--gpu", "for a CUDA device; fetches 2.2 GB", false)
  .option("--wheel <file>", "take this wheel instead of fetching it (may be given again)", collect, [])
  .option("--package <file>", "take this npm package instead of fetching it (may be given again)", collect, [])
  .action(async (options: { gpu: boolean; wheel: string[]; package: string[] }) => {
    const flavour = options.gpu ? "cuda" : "cpu";
    await install({ flavour, given: [...options.wheel, ...options.package, ...filesOfEnvironment(flavour)] });
  });
program
  .command("check")
  .description("say which engines are here, why another is not, and test each")
  .action(async () => print(await check()));
program
  .command("bench")
  .description("time the network's forward pass on each engine that is here")
  .action(async () => print(await bench()));

await program.parseAsync().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
