// A process of its own: prints the bytes a case by which one AUC with its interval raises the peak of resident memory, input left out.
import { auc } from "@/core/stats/roc/auc";

const n = 1_000_000;
const truth = Uint8Array.from({ length: n }, (_, i) => i % 2);
const score = Float64Array.from({ length: n }, (_, i) => Math.sin(i * i));
auc({ truth: truth.subarray(0, 5000), score: score.subarray(0, 5000), direction: "higher" });
const before = process.resourceUsage().maxRSS;
auc({ truth, score, direction: "higher" });
process.stdout.write(`${((process.resourceUsage().maxRSS - before) * 1024) / n}`);
