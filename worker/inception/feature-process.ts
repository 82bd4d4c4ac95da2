import { loadPortable } from "@/worker/engines";
import { openExtractor } from "./extractor";
import { readWeights } from "./weights";

/** One process of the portable engine: takes images, gives features, and ends when the worker does. */
process.on("disconnect", () => process.exit(0));
const tf = await loadPortable();
const extractor = openExtractor(tf, await readWeights(process.argv[2] ?? ""));
process.on("message", ({ index, input }: { index: number; input: Float32Array }) => {
  const [features] = extractor.extract([input]);
  process.send?.({ index, features });
});
process.send?.({ ready: true });
