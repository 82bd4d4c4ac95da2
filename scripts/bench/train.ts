import { features } from "@/core/network/inception";
import { seededRandom } from "@/core/random";
import { trainHead } from "@/worker/training/head";
import { type Contestant, installPeers, machine, openOurs, type Peers, ratio, takeTurns, whole } from "./peers";

const rounds = 5;
const crops = 644;
const epochs = 200;
/** Crops whose scoring stands for all, and images of Keras's epoch. */
const sample = { crops: 64, images: 32 };

/** Largest resident memory of one step, in a process of its own, in GB. */
async function peak(opening: Promise<Contestant>): Promise<number> {
  const who = await opening;
  const { mb } = await who.ask({ op: "train", n: 64 });
  await who.close();
  return mb / 1024;
}

/** 200 epochs of the unit alone on features of random numbers: their time does not depend on the numbers. */
async function headMilliseconds(): Promise<number> {
  const random = seededRandom(1);
  const x = Array.from({ length: crops }, () => Float32Array.from({ length: features }, random));
  const started = performance.now();
  await trainHead({
    sample: { x, y: x.map((_, i) => (i % 2 === 0 ? 0 : 1)) },
    optimiser: { kind: "sgd", learningRate: 1e-4, momentum: 0.95, decay: 1e-6, batchSize: 64, epochs },
    seed: 1,
    onEpoch: async () => {},
  });
  return performance.now() - started;
}

async function steps(peers: Peers): Promise<string[]> {
  const [ours, torch, keras] = [await openOurs("native"), await peers.open("torch"), await peers.open("keras")];
  const all = [ours, torch, keras];
  const lines = [
    `${machine()}; ${all.map(({ label }) => label).join("; ")}; median of ${rounds} rounds in turn, milliseconds an image`,
    "",
    "| a step at 299 x 299 | ours | PyTorch | Keras |",
    "|---|---|---|---|",
  ];
  for (const [title, op] of [
    ["batch 8, nothing frozen", "train"],
    ["batch 8, the first 3 mixed blocks frozen, crops of 20-111 px", "train-frozen"],
  ] as const) {
    const turns = all.map((who) => ({ who, op, n: 8 }));
    const [own = Number.NaN, ofTorch = Number.NaN, ofKeras = Number.NaN] = await takeTurns(turns, rounds);
    lines.push(
      `| ${title} | ${whole(own)} | ${whole(ofTorch)} (${ratio(ofTorch, own)}) | ${whole(ofKeras)} (${ratio(ofKeras, own)}) |`,
    );
  }
  const { ms: scoring } = await ours.ask({ op: "score", n: sample.crops });
  await keras.ask({ op: "head", n: sample.images });
  const { ms: epoch } = await keras.ask({ op: "head", n: sample.images });
  const head = await headMilliseconds();
  const own = (scoring * crops) / sample.crops + head;
  const theirs = (epoch * crops * epochs) / sample.images;
  lines.push(
    "",
    "| head only, 200 epochs on 644 crops | ours, s | Keras, every layer in every epoch, s |",
    "|---|---|---|",
    `| features of ${sample.crops} crops and Keras's epoch of ${sample.images} images measured, and multiplied | ${whole(own / 1000)} | ${whole(theirs / 1000)} (${ratio(theirs, own)}) |`,
  );
  await Promise.all(all.map((each) => each.close()));
  return lines;
}

/** A step of training against PyTorch and Keras in turn, its peak memory, and the portable engine against the native one. */
export async function benchTrain(): Promise<string[]> {
  const peers = await installPeers(["torch", "keras"]);
  try {
    const lines = await steps(peers);
    const [kept, again] = [await peak(openOurs("native")), await peak(openOurs("native", "recompute"))];
    const torch = await peak(peers.open("torch"));
    lines.push(
      "",
      "| peak memory of a step, batch 64, nothing frozen | GB |",
      "|---|---|",
      `| ours, every activation kept | ${kept.toFixed(1)} |`,
      `| ours, blocks computed again | ${again.toFixed(1)} |`,
      `| PyTorch | ${torch.toFixed(1)} |`,
    );
    const [native, portable] = [await openOurs("native"), await openOurs("portable")];
    const turns = [native, portable].map((who) => ({ who, op: "train", n: 2 }));
    const [fast = Number.NaN, slow = Number.NaN] = await takeTurns(turns, 2);
    await Promise.all([native.close(), portable.close()]);
    lines.push(
      "",
      "| a step, batch 2, nothing frozen | native | portable, one process |",
      "|---|---|---|",
      `| milliseconds an image | ${whole(fast)} | ${whole(slow)} (${ratio(slow, fast)}) |`,
    );
    return lines;
  } finally {
    peers.remove();
  }
}
