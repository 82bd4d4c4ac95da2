import type { Command } from "commander";
import { printableJson } from "@/core/text/characters";
import { SaidError, saidOfError } from "@/core/words/said";
import { door } from "@/server/door";
import { toAppError } from "@/server/errors";
import { startServices } from "../services";
import { say } from "./terminal";
import { inWords, locale, words } from "./words";

export type Services = Awaited<ReturnType<typeof startServices>>;

/** What a command hands back: `json` is its result for programs, `text` the same in words. */
export interface Outcome {
  json: unknown;
  text: readonly string[];
}

/** Problems beyond this many are counted, not listed, on the screen; the JSON has them all. */
const listed = 50;

function explain(error: unknown): { code: string; message: string; problems: readonly string[] } {
  const known = toAppError(error);
  if (known) return { code: known.code, ...known.in(locale) };
  return { code: "failed", message: inWords(saidOfError(error)), problems: [] };
}

function fail(error: unknown, json: boolean): void {
  const { code, message, problems } = explain(error);
  for (const problem of problems.slice(0, listed)) say(`  ${problem}`);
  if (problems.length > listed)
    say(words(json ? "more_problems" : "more_problems_json", { more: problems.length - listed }));
  say(message);
  if (process.env.NODEWISE_DEBUG && error instanceof Error)
    for (const line of error.stack?.split("\n") ?? []) say(line);
  if (json) result({ error: { code, message, problems } });
}

const result = (json: unknown) => process.stdout.write(`${printableJson(JSON.stringify(json))}\n`);

interface Call<Options> {
  args: string[];
  options: Options;
}

/** Does the work of a command, prints its result (words on standard error, `--json` on standard output) or its error, and ends the process. */
function perform<Options extends object>(
  command: Command,
  work: (call: Call<Options>) => Promise<Outcome>,
  stop: () => Promise<void>,
): void {
  command.option("--json", words("option.json")).action(async () => {
    const { json = false, ...options } = command.opts<Options & { json?: boolean }>();
    let exitCode = 0;
    const interrupted = () => {
      say(words("interrupted"));
      stop().finally(() => process.exit(130));
    };
    process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
    try {
      const outcome = await work({ args: command.args, options: options as Options });
      for (const line of outcome.text) say(line);
      if (json) result(outcome.json);
    } catch (error) {
      fail(error, json);
      exitCode = 1;
    }
    await stop();
    // The built-in Postgres leaves a hook that would end the process with 0; what was written to a pipe goes out first.
    process.stdout.write("", () => process.exit(exitCode));
  });
}

/**
 * Gives a command its work: starts the database when none is running, does the work, prints the result and stops what was started. An error is one
 * clear message and exit code 1.
 */
export function runCommand<Options extends object>(
  command: Command,
  work: (call: Call<Options> & { services: Services }) => Promise<Outcome>,
): void {
  let services: Services | undefined;
  const stop = async () => {
    if (!services) return;
    await door().close();
    await services.stop();
    services = undefined;
  };
  perform<Options>(
    command,
    async (call) => {
      services = await startServices();
      Object.assign(process.env, services.web);
      return work({ ...call, services });
    },
    stop,
  );
}

/** `runCommand` for what needs no database. */
export function runWithoutServices<Options extends object>(
  command: Command,
  work: (call: Call<Options>) => Promise<Outcome>,
): void {
  perform<Options>(command, work, async () => {});
}

/** The file that a command was given, or a message that names it. */
export function unreadable(path: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    throw new SaidError({
      key: "cli.file_unreadable",
      values: { file: path, reason: error.code ?? { key: "errors.reason_unknown" } },
    });
  };
}
