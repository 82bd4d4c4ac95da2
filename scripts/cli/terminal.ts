import type { Writable } from "node:stream";
import { printable } from "@/core/text/characters";

/** One line for people, whatever a person or a file wrote that stands in it. It goes to standard error: standard output is for results. */
export const say = (line: string): void => {
  process.stderr.write(`${printable(line)}\n`);
};

/**
 * A progress bar for somebody who waits: one line that is redrawn on a terminal, a line every tenth in a log file.
 * @returns `show` takes a name and a fraction by parts; `end` leaves the line
 */
export function progressBar(out: Writable & { isTTY?: boolean } = process.stderr) {
  const width = 30;
  let shown = "";
  const end = () => {
    if (out.isTTY && shown) out.write("\n");
    shown = "";
  };
  return {
    show({ name: given, done, total }: { name: string; done: number; total: number }): void {
      const name = printable(given);
      const fraction = total > 0 ? Math.min(1, done / total) : 0;
      const filled = Math.round(fraction * width);
      const line = `  [${"#".repeat(filled)}${".".repeat(width - filled)}] ${Math.floor(fraction * 100)} %  ${name}`;
      const now = out.isTTY ? line : `  ${name}: ${Math.floor(fraction * 10) * 10} %`;
      if (now === shown) return;
      out.write(out.isTTY ? `\r\u001b[2K${line}` : `${now}\n`);
      shown = now;
    },
    end,
  };
}
