// A process of its own: compares drawn readers with a network and prints the seconds of CPU it took and the peak of resident memory in MB.
import { seededRandom } from "@/core/random";
import { type ComparedRead, compareReaders } from "@/core/stats/comparison/compare-readers";

const [images = 0, readers = 0] = process.argv.slice(2).map(Number);
const random = seededRandom(20210601);
const truthOfNode = Array.from({ length: Math.ceil(images / 3) }, () => (random() < 0.4 ? (1 as const) : (0 as const)));
/** Three planes a node, three nodes a patient. */
const all = Array.from({ length: images }, (_, i) => ({
  id: String(i),
  node: `n${Math.floor(i / 3)}`,
  subject: `s${Math.floor(i / 9)}`,
  plane: "axial",
  truth: truthOfNode[Math.floor(i / 3)] ?? 0,
}));
const conditions = ["cohort-1", "cohort-2"];
const reads = Array.from({ length: readers }, (_, r) => `R${r + 1}`).flatMap((reader) =>
  conditions.flatMap((condition) =>
    all.map(({ id, truth }): ComparedRead => {
      const call = random() < 0.75 ? truth : truth === 1 ? 0 : 1;
      return { reader, condition, occasion: 1, image: id, call, confidence: Math.floor(random() * 101) };
    }),
  ),
);
const scores = all.map(({ id, truth }) => ({ image: id, score: 0.3 * truth + 0.7 * random() }));
const before = process.cpuUsage();
compareReaders({
  images: all,
  reads,
  scores,
  threshold: 0.5,
  comparisons: ["condition", "reader", "network"],
  conditions,
  repeats: new Map(),
  random,
});
const { user, system } = process.cpuUsage(before);
process.stdout.write(JSON.stringify({ seconds: (user + system) / 1e6, mb: process.resourceUsage().maxRSS / 1024 }));
