// npm run -s parity -- DIR [--engine portable|native|cuda] [--details]: every fixture of DIR against what this project's network computes.
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Tf } from "@/worker/engines";
import { type Check, errorOf, passes, shareOf, worstOf } from "./checks";
import { openEngine } from "./load-engine";
import { type ParityResult, parityFiles, runParity } from "./run-parity";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { engine: { type: "string", default: "portable" }, details: { type: "boolean", default: false } },
});
const [folder] = positionals;

const short = (value: number) => value.toPrecision(2);

/** The worst of some numbers, against what it may be. */
const worstLine = (checks: readonly Check[]): string => {
  const worst = worstOf(checks);
  if (!worst) return "nothing compared";
  return `worst ${short(errorOf(worst))} of ${short(worst.tolerance)} allowed (${worst.path})`;
};

function print({ file, checks, problem, seconds }: ParityResult): boolean {
  const failures = checks.filter((check) => !passes(check));
  process.stdout.write(`${file}: ${checks.length - failures.length}/${checks.length}, ${worstLine(checks)}\n`);
  if (problem) process.stdout.write(`${file}: ${problem}\n`);
  for (const each of failures)
    process.stdout.write(
      `${file} ${each.path}: expected ${each.expected}, got ${each.got} (${short(shareOf(each))} times the tolerance)\n`,
    );
  if (values.details) {
    for (const quantity of new Set(checks.map((check) => check.quantity))) {
      const own = checks.filter((check) => check.quantity === quantity);
      process.stdout.write(`  ${quantity}: ${own.filter(passes).length}/${own.length}, ${worstLine(own)}\n`);
    }
  }
  process.stderr.write(`${file}: ${seconds.toFixed(1)} s\n`);
  return failures.length === 0 && !problem && checks.length > 0;
}

async function run(tf: Tf, folder: string): Promise<boolean> {
  let good = true;
  const files = parityFiles(folder);
  for (const name of files) good = print(await runParity(tf, folder, name)) && good;
  if (files.length === 0) process.stderr.write(`There is no fixture in ${folder}.\n`);
  return good && files.length > 0;
}

if (!folder || !existsSync(folder)) {
  process.stderr.write(
    `${folder ? `There is no folder ${folder}.` : "Name a folder:"} npm run -s parity -- DIR [--engine portable|native|cuda]\n`,
  );
  process.exitCode = 1;
} else {
  const engine = await openEngine(values.engine);
  if ("reason" in engine) process.stderr.write(`${engine.reason}\n`);
  process.exitCode = "tf" in engine && (await run(engine.tf, folder)) ? 0 : 1;
}
