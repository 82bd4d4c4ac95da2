import { killUnderReaders, targets } from "./killed";

/*
 * npm run load [rounds] [seconds] [readers]: web, worker and Postgres are killed in turn, by default ten times each, while readers, by default eight, submit a read
 * every two seconds. It ends with 1 when a read was lost or stands twice, or when something was not back within so many seconds, by default five.
 */

const [rounds = 10, seconds = 5, readers = 8] = process.argv.slice(2).map(Number);
const goalMs = seconds * 1000;

const order = Array.from({ length: rounds }, () => targets).flat();
const pauseMs = 2_000;
// Ten seconds a kill at most.
const cases = (order.length * 10_000) / pauseMs;
const outcome = await killUnderReaders(order, { readers, patients: Math.ceil(cases / 6), pauseMs });
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
