import { problemsOf, type Regimen } from "@/core/protocol/regimen";
import { refuseOneClassTraining } from "@/core/splits/groups";
import { refuseLeakage } from "@/core/splits/leakage";
import { followedBy, SaidError } from "@/core/words/said";
import { chooseEngine, type Engine, type EngineName, findEngine, loadEngine } from "@/worker/engines";
import { loadPretrained } from "@/worker/weights/pretrained";
import type { FinishedFold, TrainingEvents, TrainingItem, TrainingResult } from "./records";
import { labelsOf } from "./sides";
import { trainNetwork } from "./train-network";
import { trainUnit } from "./train-unit";

/** What a training is given; it crosses to a process of its own. */
export interface TrainingOrder {
  regimen: Regimen;
  items: TrainingItem[];
  /** Ids of crops that look alike. */
  links: [string, string][];
  /** Bytes of the newest checkpoint that is whole. */
  resume: Uint8Array | null;
  /** Folds that earlier attempts finished. */
  kept: FinishedFold[];
  /** What the run was begun on; null when it begins. A run is the work of one engine. */
  begunOn: EngineName | null;
}

/**
 * Trains a run as its regimen says, and tells `events` how it goes.
 * @throws LeakageError, or an Error whose message says what to do
 */
export async function trainRun(
  { regimen, items, links, resume, kept, begunOn }: TrainingOrder,
  events: TrainingEvents,
): Promise<TrainingResult> {
  if (regimen.trainable === "elsewhere") throw new SaidError({ key: "worker.trained_elsewhere" });
  const [first, ...others] = problemsOf(regimen);
  if (first)
    throw new SaidError({ key: "worker.regimen_refused", values: { problems: others.reduce(followedBy, first) } });
  refuseLeakage(items, { unit: regimen.splitUnit, links });
  const labels = labelsOf(items, regimen);
  refuseOneClassTraining(items.map((item, i) => ({ ...item, truth: labels[i] ?? item.truth })));
  if (regimen.trainable === "baseline") {
    await events.environment(environmentOf({ name: "none", version: "", device: "", threads: 1 }));
    return trainUnit({ engine: null, regimen, items, resume, events });
  }
  const engine = begunOn ? await engineAgain(begunOn) : await chooseEngine(engineAskedFor(regimen.engine));
  await events.log({
    key: "worker.log.engine",
    values: { engine: engine.name, device: engine.device, threads: engine.threads },
  });
  if (regimen.trainable === "head") {
    await events.environment(environmentOf(engine, regimen.weights));
    return trainUnit({ engine, regimen, items, resume, events });
  }
  const { layers, sha256 } = await loadPretrained(regimen.weights, { seed: regimen.seed, onLog: events.log });
  await events.environment(environmentOf(engine, regimen.weights, sha256));
  const tf = await loadEngine(engine);
  return trainNetwork({ tf, regimen, items, links, pretrained: layers, resume, kept, events });
}

const engineAskedFor = (engine: EngineName | "fastest") => (engine === "fastest" ? undefined : engine);

/** The engine that a run was begun on; another one rounds otherwise, and the run would be the work of neither. */
async function engineAgain(name: EngineName): Promise<Engine> {
  const found = await findEngine(name);
  if (found.engine) return found.engine;
  throw new SaidError({ key: "worker.engine_gone", values: { engine: name, reason: found.reason } });
}

const environmentOf = (
  engine: Pick<Engine, "version" | "device" | "threads"> &
    Partial<Pick<Engine, "card" | "slowerThan">> & { name: string },
  weights = "none",
  weightsSha256: string | null = null,
) => ({
  engine: engine.name,
  version: engine.version,
  device: engine.device,
  card: engine.card ?? null,
  threads: engine.threads,
  slowerThan: engine.slowerThan ?? null,
  weights,
  weightsSha256,
  node: process.versions.node,
});
