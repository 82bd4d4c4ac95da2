// npm run -s oracles -- DIR: every case of every oracle file of DIR against this project's statistics.
import { existsSync } from "node:fs";
import { runOracles } from "./run-oracles";

const folder = process.argv[2];
if (!folder || !existsSync(folder)) {
  process.stderr.write(`${folder ? `There is no folder ${folder}.` : "Name a folder:"} npm run -s oracles -- DIR\n`);
  process.exit(1);
}
const results = runOracles(folder);
for (const { file, passed, total } of results) process.stdout.write(`${file}: ${passed}/${total}\n`);
for (const { file, failures } of results) {
  for (const { id, mismatches } of failures) {
    for (const { path, expected, got } of mismatches)
      process.stdout.write(
        `${file} ${id}${path ? ` ${path}` : ""}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}\n`,
      );
  }
}
const passed = results.reduce((sum, result) => sum + result.passed, 0);
const total = results.reduce((sum, result) => sum + result.total, 0);
process.stderr.write(`${passed} of ${total} cases passed\n`);
process.exitCode = results.length > 0 && results.every(({ failures }) => failures.length === 0) ? 0 : 1;
