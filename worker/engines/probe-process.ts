import { type EngineSource, loadEngine, loadPortable } from "./index";
import type { ProbeAnswer } from "./probe";
import { deviation, reference, selfTest } from "./self-test";

/** Loads one engine, lets it compute, and compares: in a process of its own, because an engine that is broken may take its process with it. */
async function probe(source: EngineSource): Promise<ProbeAnswer> {
  const tf = await loadEngine(source);
  const backend = tf.backend();
  const binding: { TF_Version: string } | undefined = Reflect.get(backend, "binding");
  const gpu: boolean = Reflect.get(backend, "isUsingGpuDevice") ?? false;
  const { forward, toInput, toKernel, milliseconds } = selfTest(tf);
  const expected = reference(await loadPortable());
  return {
    library: binding?.TF_Version ?? null,
    gpu,
    milliseconds,
    forward: deviation(forward, expected.forward),
    toInput: deviation(toInput, expected.toInput),
    toKernel: toKernel && expected.toKernel && deviation(toKernel, expected.toKernel),
  };
}

process.on("disconnect", () => process.exit(0));
process.once("message", async (source: EngineSource) => {
  const answer = await probe(source).catch((error: unknown) => ({
    error: error instanceof Error ? error.message : String(error),
  }));
  process.send?.(answer, () => process.exit(0));
});
