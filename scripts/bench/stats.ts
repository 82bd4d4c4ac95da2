import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { normal, seededRandom } from "@/core/random";
import { bootstrap } from "@/core/stats/clustered/bootstrap";
import { compareReaders } from "@/core/stats/comparison/compare-readers";
import { contingency } from "@/core/stats/groups/contingency";
import { freemanHalton } from "@/core/stats/groups/freeman-halton";
import { tTest } from "@/core/stats/groups/t-test";
import { obuchowskiRockette } from "@/core/stats/readers/obuchowski-rockette";
import { auc } from "@/core/stats/roc/auc";
import { pairedDeLong } from "@/core/stats/roc/delong";
import { rankScores, weightedAuc } from "@/core/stats/roc/ranked-scores";

const direction = "higher" as const;
const reference = fileURLToPath(new URL("proc.R", import.meta.url));

interface Sample {
  truth: Uint8Array;
  first: Float64Array;
  second: Float64Array;
}

/** Two correlated scores, about half positive; one case in a hundred has the scores of another. */
function drawn(n: number): Sample {
  const random = seededRandom(20210601);
  const truth = Uint8Array.from({ length: n }, () => Number(random() < 0.5));
  const first = new Float64Array(n);
  const second = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const shared = normal(random) + (truth[i] ?? 0);
    const tied = i > 0 && random() < 0.01 ? Math.floor(random() * i) : null;
    first[i] = tied === null ? shared + normal(random) : (first[tied] ?? 0);
    second[i] = tied === null ? shared + normal(random) : (second[tied] ?? 0);
  }
  return { truth, first, second };
}

/** Median of the milliseconds of five runs after a warm one. */
function median(work: () => unknown): number {
  work();
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[2] ?? 0;
}

interface Peer {
  auc: number;
  paired: number | null;
}

/** pROC in a process of its own, data as raw doubles; null when R or pROC is not there. */
function pRoc(sample: Sample, withPaired: boolean): Peer | null {
  if (spawnSync("Rscript", ["-e", "library(pROC)"], { stdio: "ignore" }).status !== 0) return null;
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    const path = join(folder, "sample");
    const columns = [Float64Array.from(sample.truth), sample.first, sample.second];
    writeFileSync(path, Buffer.concat(columns.map((column) => Buffer.from(column.buffer))));
    const out = execFileSync("Rscript", [reference, path, String(sample.truth.length), String(withPaired)], {
      encoding: "utf8",
    });
    const [areaMs = Number.NaN, pairedMs = Number.NaN] = out.trim().split(" ").map(Number);
    return { auc: areaMs, paired: withPaired ? pairedMs : null };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Bytes that one AUC with its interval takes beside its input, at its peak. */
function bytesPerCase(): number {
  const script = fileURLToPath(new URL("auc-memory.ts", import.meta.url));
  return Number(execFileSync(process.execPath, ["--import", "tsx", script], { encoding: "utf8" }));
}

interface Dataset {
  truth: (0 | 1)[];
  scores: Record<string, number[]>;
  cluster: { patient: string[]; node: string[] };
}

const reconstruction = (): Dataset =>
  JSON.parse(
    readFileSync(new URL("../../tests/oracles/datasets/s11_paper_reconstruction.json", import.meta.url), "utf8"),
  );

function clusterBootstrap({ truth, scores, cluster }: Dataset): void {
  const [a, b] = [scores.network ?? [], scores.R2_C1 ?? []].map((score) => rankScores({ truth, score, direction }));
  if (!a || !b) throw new Error("the reconstruction lacks a score");
  bootstrap({
    n: truth.length,
    cluster: cluster.patient,
    strata: null,
    replicates: 2000,
    random: seededRandom(1),
    statistic: (weights) => {
      const [x, y] = [weightedAuc(a, weights), weightedAuc(b, weights)];
      return x === null || y === null ? null : x - y;
    },
  });
}

/** Table 1 as group tests, Table 2, every comparison and average, clustered by patient, by node and not at all. */
function wholeAnalysis({ truth, scores, cluster }: Dataset): void {
  const about = (i: number) => ({ node: cluster.node[i] ?? "", subject: cluster.patient[i] ?? "" });
  const reads = ["R2", "R3"].flatMap((reader) =>
    ["C1", "C2"].flatMap((condition) =>
      (scores[`${reader}_${condition}`] ?? []).map((call, i) => {
        return {
          reader,
          condition,
          occasion: 1,
          image: String(i),
          call: call === 1 ? (1 as const) : (0 as const),
          confidence: null,
        };
      }),
    ),
  );
  compareReaders({
    images: truth.map((value, i) => ({ id: String(i), truth: value, plane: "axial", ...about(i) })),
    reads,
    scores: (scores.network ?? []).map((score, i) => ({ image: String(i), score })),
    threshold: 0.5,
    conditions: [],
    repeats: new Map(),
    comparisons: ["condition", "reader", "network"],
    random: seededRandom(1),
  });
  const group = (of: 0 | 1) => (scores.network ?? []).filter((_, i) => truth[i] === of);
  tTest({ first: group(1), second: group(0), variances: "welch", tail: "two-sided" });
  const stages = [
    [6, 15],
    [50, 55],
    [2, 1],
  ];
  contingency(stages);
  freemanHalton(stages);
}

const ms = (value: number) => (value < 10 ? value.toFixed(1) : value.toFixed(0));

/** The statistics: each line against its goal and, where R is installed, against pROC in the same run; then growth. */
export async function benchStats(): Promise<string[]> {
  const million = drawn(1_000_000);
  const peer = pRoc(million, false);
  const own = median(() => auc({ truth: million.truth, score: million.first, direction }));
  const hundredThousand = drawn(100_000);
  const pairedPeer = pRoc(hundredThousand, true);
  const paired = median(() => pairedDeLong({ ...hundredThousand, direction, tail: "two-sided" }));
  const study = reconstruction();
  const readers = drawn(1000);
  const random = seededRandom(3);
  const scores = Array.from({ length: 2 }, () =>
    Array.from({ length: 20 }, () => readers.first.map((value) => value + normal(random))),
  );
  const against = (theirs: number | null | undefined, ours: number) =>
    theirs ? `${ms(theirs)} | ${(theirs / ours).toFixed(0)}x` : "- | -";
  const manyReaders = median(() =>
    obuchowskiRockette({
      truth: readers.truth,
      scores,
      direction,
      metric: "auc",
      covariance: { kind: "delong" },
    }),
  );
  const lines = [
    `${cpus()[0]?.model.trim() ?? "unknown processor"}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}${peer ? "" : "; R with pROC is not installed, so there is no peer"}`,
    "",
    "| work | ours, ms | goal, ms | pROC, ms | ratio |",
    "|---|---|---|---|---|",
    `| AUC + DeLong interval, n = 1,000,000, 1 % ties | ${ms(own)} | 1000 | ${against(peer?.auc, own)} |`,
    `| the same: memory beside the input, bytes a case | ${bytesPerCase().toFixed(1)} | 20 bytes | - | - |`,
    `| paired DeLong, n = 100,000 | ${ms(paired)} | 150 | ${against(pairedPeer?.paired, paired)} |`,
    `| 2,000 cluster-bootstrap replicates of an AUC difference, 644 images of 129 patients | ${ms(median(() => clusterBootstrap(study)))} | 400 | - | - |`,
    `| Obuchowski-Rockette, 20 readers x 2 tests x 1,000 cases | ${ms(manyReaders)} | 300 | - | - |`,
    `| the founding study's whole analysis | ${ms(median(() => wholeAnalysis(study)))} | 1000 | - | - |`,
    "",
    "| n | AUC + interval, ms | ns / (n log2 n) | pROC, ms |",
    "|---|---|---|---|",
  ];
  for (const n of [1000, 10_000, 100_000, 1_000_000]) {
    const sample = n === 1_000_000 ? million : drawn(n);
    const time = n === 1_000_000 ? own : median(() => auc({ truth: sample.truth, score: sample.first, direction }));
    const theirs = n === 1_000_000 ? peer : pRoc(sample, false);
    const constant = ((time * 1e6) / (n * Math.log2(n))).toFixed(1);
    lines.push(`| ${n.toLocaleString("en")} | ${time.toFixed(2)} | ${constant} | ${theirs ? ms(theirs.auc) : "-"} |`);
  }
  return lines;
}
