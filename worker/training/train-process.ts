import { serveIsolated } from "@/worker/isolated";
import type { TrainingEvents, TrainingResult } from "./records";
import { type TrainingOrder, trainRun } from "./train-run";

/** What the process of a training says: an event with its values, or the result at the end. */
export type TrainingMessage =
  | { [E in keyof TrainingEvents]: { event: E; value: Parameters<TrainingEvents[E]>[0] } }[keyof TrainingEvents]
  | { event: "result"; value: TrainingResult };

/** One training in a process of its own: a crash of its engine is a reason on the run's page, and its memory goes back whole. */
serveIsolated<TrainingOrder, TrainingMessage>(async (order, send) => {
  const result = await trainRun(order, {
    environment: (value) => send({ event: "environment", value }),
    progress: (value) => send({ event: "progress", value }),
    metrics: (value) => send({ event: "metrics", value }),
    checkpoint: (value) => send({ event: "checkpoint", value }),
    finished: (value) => send({ event: "finished", value }),
    log: (value) => send({ event: "log", value }),
  });
  await send({ event: "result", value: result });
});
