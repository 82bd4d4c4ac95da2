import { loadPortable } from "@/worker/engines";
import { readWeights } from "@/worker/weights/pretrained";
import { openExtractor } from "./extractor";

/** One process of the portable engine: takes images, gives features, and ends when the worker does. */
process.on("disconnect", () => process.exit(0));
const [weights = "", size] = process.argv.slice(2);
const tf = await loadPortable();
const extractor = openExtractor(tf, await readWeights(weights), Number(size));
process.on("message", ({ index, input }: { index: number; input: Float32Array }) => {
  const [features] = extractor.extract([input]);
  process.send?.({ index, features });
});
process.send?.({ ready: true });
