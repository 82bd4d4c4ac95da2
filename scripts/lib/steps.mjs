/** Prints what is being done and how long it took; quiet otherwise. */
const started = performance.now();
const seconds = (from) => `${((performance.now() - from) / 1000).toFixed(1)} s`;

/** What runs now, each since when; they share one line of a terminal. */
const running = new Map();

function showRunning(out) {
  const line = [...running].map(([name, from]) => `${name} … ${seconds(from)}`).join(", ");
  out.write(`\r\u001b[2K${line && `  ${line}`}`);
}

/** Runs one step, with its name before and its time after. Steps may run side by side. */
export async function step(name, fn, out = process.stdout) {
  const from = performance.now();
  running.set(name, from);
  if (out.isTTY) showRunning(out);
  const tick = out.isTTY && setInterval(() => showRunning(out), 1000);
  try {
    const result = await fn();
    out.write(`${out.isTTY ? "\r\u001b[2K" : ""}  ${name} (${seconds(from)})\n`);
    return result;
  } finally {
    running.delete(name);
    if (tick) clearInterval(tick);
  }
}

/** Time since the script began. */
export const elapsed = () => seconds(started);

/** Ends the program with one clear line. */
export function fail(message) {
  process.stderr.write(`\n${message}\n`);
  process.exit(1);
}
