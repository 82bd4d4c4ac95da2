// npm run -s coverage -- [--repetitions N] [--seed N] [--write]: simulates studies of which the truth is known and
// counts how often the 95 % intervals cover it. The result is Markdown on standard output, or core/stats/VALIDATION.md;
// about ten minutes with the default options.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { planned } from "./plan";
import { report } from "./report";
import { simulate } from "./simulate";

const { values } = parseArgs({
  options: {
    repetitions: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
    write: { type: "boolean", default: false },
  },
});
const [repetitions, seed] = [Number(values.repetitions), Number(values.seed)];
if (!(Number.isSafeInteger(repetitions) && repetitions > 0 && Number.isSafeInteger(seed))) {
  process.stderr.write("--repetitions takes a whole number above 0, --seed a whole number\n");
  process.exit(1);
}
const rows = simulate(planned(repetitions), seed, (done) => process.stderr.write(`${done}\n`));
const text = report(rows, { repetitions, seed });
if (values.write) writeFileSync(new URL("../../core/stats/VALIDATION.md", import.meta.url), text);
else process.stdout.write(text);
