import { printable } from "@/core/text/characters";

/** An error as one line: its stack with each frame behind the next, and what somebody sent by the codes of its characters. */
const inOneLine = (error: unknown): string =>
  printable(error instanceof Error ? (error.stack ?? error.message).replaceAll(/\n +at /g, " at ") : String(error));

/**
 * Writes that something failed, as one line of the log. Whatever an error says may hold what a stranger sent, so nothing of ours goes there another way
 * (`tests/app/log.test.ts`).
 * @param what failed: words of ours
 */
export function logFailure(what: string, error: unknown): void {
  console.error(`${what}: ${inOneLine(error)}`);
}
