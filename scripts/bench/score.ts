import { installPeers, machine, openOurs, ratio, takeTurns, whole } from "./peers";

/** 644 crops in seven slices. */
const slices = { rounds: 7, n: 92 };
const portableCrops = 16;
const rounds = 3;

/** The time of some crops on portable processes side by side, each with its share, in milliseconds a crop. */
async function portableMilliseconds(processes: number): Promise<number> {
  const all = await Promise.all(Array.from({ length: processes }, () => openOurs("portable")));
  const share = portableCrops / processes;
  const ask = () => Promise.all(all.map((who, i) => who.ask({ op: "score", n: share, first: i * share })));
  await ask();
  const started = performance.now();
  await ask();
  const milliseconds = (performance.now() - started) / portableCrops;
  await Promise.all(all.map((who) => who.close()));
  return milliseconds;
}

/** Scoring of 644 crops of 20 to 111 pixels against ONNX Runtime in turn; the portable engine against the native one, and two of its processes against one. */
export async function benchScore(): Promise<string[]> {
  const peers = await installPeers(["onnx"]);
  try {
    const [ours, onnx] = [await openOurs("native"), await peers.open("onnx")];
    const turns = [ours, onnx].map((who) => ({ who, op: "score", n: slices.n }));
    const [own = Number.NaN, theirs = Number.NaN] = await takeTurns(turns, slices.rounds, true);
    const labels = [ours, onnx].map(({ label }) => label);
    await onnx.close();
    const portable = await openOurs("portable");
    const small = [ours, portable].map((who) => ({ who, op: "score", n: portableCrops }));
    const [fast = Number.NaN, slow = Number.NaN] = await takeTurns(small, rounds);
    await Promise.all([ours.close(), portable.close()]);
    const one: number[] = [];
    const two: number[] = [];
    for (let round = 0; round < rounds; round++) {
      one.push(await portableMilliseconds(1));
      two.push(await portableMilliseconds(2));
    }
    const [single = Number.NaN, pair = Number.NaN] = [one, two].map((times) => times.sort((a, b) => a - b)[1]);
    return [
      `${machine()}; ${labels.join("; ")}; medians of turns, milliseconds a crop, without decoding`,
      "",
      "| scoring | ours | the other |",
      "|---|---|---|",
      `| 644 crops of 20-111 px, native, against ONNX Runtime | ${whole(own)} | ${whole(theirs)} (${ratio(theirs, own)}) |`,
      `| ${portableCrops} of them, native against portable with one process | ${whole(fast)} | ${whole(slow)} (${ratio(slow, fast)}) |`,
      `| ${portableCrops} of them, portable: two processes against one | ${whole(pair)} | ${whole(single)} (${ratio(single, pair)}) |`,
    ];
  } finally {
    peers.remove();
  }
}
