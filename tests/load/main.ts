import { killUnderReaders, targets } from "./killed";

/*
 * npm run load [rounds] [seconds]: web, worker and Postgres are killed in turn, by default ten times each, while eight readers submit. It ends with 1
 * when a read was lost or stands twice, or when something was not back within so many seconds, by default five.
 */

const [rounds = 10, seconds = 5] = process.argv.slice(2).map(Number);
const goalMs = seconds * 1000;

const order = Array.from({ length: rounds }, () => targets).flat();
// Seven seconds a kill at most, a case a second.
const outcome = await killUnderReaders(order, { patients: Math.ceil((order.length * 7) / 6), pauseMs: 1_000 });
for (const target of targets) {
  const times = outcome.kills.filter((kill) => kill.target === target).map((kill) => kill.backAfterMs);
  const inTime = times.filter((time) => time <= goalMs).length;
  process.stdout.write(
    `${target}: killed ${times.length} times, back within ${seconds} s ${inTime} times; after ${times.join(", ")} ms\n`,
  );
}
process.stdout.write(`${outcome.acknowledged} reads acknowledged, ${outcome.lost} lost, ${outcome.doubled} doubled\n`);
const late = outcome.kills.filter((kill) => kill.backAfterMs > goalMs).length;
process.exitCode = late + outcome.lost + outcome.doubled > 0 ? 1 : 0;
// The clients of the databases that were killed leave timers behind.
process.exit();
