import { type EngineSource, loadEngine, loadPortable } from "./index";
import { cardOf } from "./native";
import type { ProbeAnswer } from "./probe";
import { distances, reference, selfTest } from "./self-test";

/** Loads one engine, lets it compute, and compares: in a process of its own, because an engine that is broken may take its process with it. */
async function probe(source: EngineSource): Promise<ProbeAnswer> {
  const tf = await loadEngine(source);
  const backend = tf.backend();
  const binding: { TF_Version: string } | undefined = Reflect.get(backend, "binding");
  const isOnCard: boolean = Reflect.get(backend, "isUsingGpuDevice") ?? false;
  const { milliseconds, ...numbers } = selfTest(tf);
  const card = isOnCard && source.folder ? cardOf(source.folder) : null;
  return {
    library: binding?.TF_Version ?? null,
    card,
    milliseconds,
    ...distances(numbers, reference(await loadPortable())),
  };
}

process.on("disconnect", () => process.exit(0));
process.once("message", async (source: EngineSource) => {
  const answer = await probe(source).catch((error: unknown) => ({
    error: error instanceof Error ? error.message : String(error),
  }));
  process.send?.(answer, () => process.exit(0));
});
