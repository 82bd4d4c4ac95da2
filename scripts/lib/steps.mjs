/** Prints what is being done and how long it took; quiet otherwise. */
const started = performance.now();
const seconds = (from) => `${((performance.now() - from) / 1000).toFixed(1)} s`;

/** Runs one step, with its name before and its time after. */
export async function step(name, fn, out = process.stdout) {
  const from = performance.now();
  const live = out.isTTY;
  if (live) out.write(`  ${name} …`);
  const tick = live && setInterval(() => out.write(`\r  ${name} … ${seconds(from)}`), 1000);
  try {
    const result = await fn();
    out.write(`${live ? "\r\u001b[2K" : ""}  ${name} (${seconds(from)})\n`);
    return result;
  } finally {
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
