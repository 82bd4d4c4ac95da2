import { benchAlike } from "./alike";
import { benchAnalysis } from "./analysis";
import { benchComparison } from "./comparison";
import { benchDicom } from "./dicom";
import { benchImport } from "./import";
import { benchMemory } from "./memory";
import { benchReading } from "./reading";
import { benchReads } from "./reads";
import { benchReceiveWeb } from "./receive-web";
import { benchScore } from "./score";
import { benchSignIn } from "./sign-in";
import { benchStart } from "./start";
import { benchStats } from "./stats";
import { benchSubmits } from "./submits";
import { benchTrain } from "./train";

const benches = new Map([
  ["start", benchStart],
  ["import", benchImport],
  ["reads", benchReads],
  ["alike", benchAlike],
  ["analysis", benchAnalysis],
  ["comparison", benchComparison],
  ["dicom", benchDicom],
  ["reading", benchReading],
  ["submits", benchSubmits],
  ["receive-web", benchReceiveWeb],
  ["sign-in", benchSignIn],
  ["memory", benchMemory],
  ["stats", benchStats],
  ["train", benchTrain],
  ["score", benchScore],
]);

const bench = benches.get(process.argv[2] ?? "");
if (!bench) {
  process.stderr.write(`Name a benchmark: npm run bench -- ${[...benches.keys()].join(" | ")}\n`);
  process.exit(1);
}
for (const line of await bench()) process.stdout.write(`${line}\n`);
