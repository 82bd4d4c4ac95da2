import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Text of another program without what may be a password in an address. */
export const withoutSecrets = (text: string): string => text.replace(/\/\/[^/@\s]+@/g, "//…@");

/** The beginning and the end of what a program complained of: some say what happened first, some last. */
function shortened(text: string): string {
  const lines = text.trim().split("\n");
  return (lines.length > 12 ? [...lines.slice(0, 8), "…", ...lines.slice(-3)] : lines).join("\n");
}

/** Runs a program quietly. @throws Error with what it complained of */
export async function run(command: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, { maxBuffer: 1 << 26 });
    return stdout.trim();
  } catch (error) {
    const said =
      error instanceof Error && "stderr" in error && String(error.stderr).trim()
        ? String(error.stderr)
        : error instanceof Error
          ? error.message
          : String(error);
    throw new Error(`${command} failed:\n${shortened(withoutSecrets(said))}`);
  }
}

/** Prints what is being done, and the time it took. */
export async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  process.stdout.write(`  ${name} …`);
  try {
    const result = await work();
    process.stdout.write(` ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
    return result;
  } catch (error) {
    process.stdout.write(" failed\n");
    throw error;
  }
}
