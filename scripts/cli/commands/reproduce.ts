import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { runWithoutServices, unreadable } from "@/scripts/cli/run-command";
import { words } from "@/scripts/cli/words";
import { writeWhole } from "@/scripts/cli/write-whole";
import { AppError } from "@/server/errors";
import { reproduceBundle } from "@/server/services/bundle/reproduce-bundle";

/** reproduce BUNDLE.zip [--out results.json] */
export function reproduceCommand(): Command {
  const command = new Command("reproduce")
    .description(words("reproduce.about"))
    .argument("<bundle>", words("reproduce.bundle"))
    .option("--out <file>", words("reproduce.out"));
  runWithoutServices<{ out?: string }>(command, async ({ args: [path = ""], options }) => {
    const archive = await readFile(path).catch(unreadable(path));
    const { results, identical, differences, methods } = await reproduceBundle(archive);
    if (options.out !== undefined) await writeWhole(options.out, results);
    if (!identical)
      throw new AppError(
        "conflict",
        { key: "errors.bundle_differs", values: { count: differences.length, ...methods } },
        differences,
      );
    const bytes = Buffer.byteLength(results);
    return {
      json: { identical, bytes, methods },
      text: [words("reproduce.identical", { bytes, methods: methods.here })],
    };
  });
  return command;
}
