import { SaidError } from "@/core/words/said";
import { readImage } from "@/server/services/imaging/read-image";
import { type StoredObject, store } from "@/server/store";
import { type EngineSource, loadEngine } from "@/worker/engines";
import { type ExplainMethod, explainCrop } from "@/worker/explain/explain-crop";
import { exportModel } from "@/worker/export/export-model";
import { type ExportFormat, formats } from "@/worker/export/formats";
import { serveIsolated } from "@/worker/isolated";
import { scoreCrops } from "@/worker/scoring/score";
import { openModel } from "@/worker/scoring/stored-model";

/** What the process is to do. Files are named by their SHA-256 in the store. */
export type TaskOrder = {
  engine: EngineSource;
  /** The model's file. */
  model: string;
} & (
  | { kind: "score"; crops: { id: string; sha256: string }[] }
  | { kind: "explain"; crop: string; method: ExplainMethod; recorded: number }
  | { kind: "export"; format: ExportFormat; crops: string[] }
);

export type TaskDetail = Record<string, string | number | boolean | null>;

/** What it says. A file lies in the store already. */
export type TaskMessage =
  | { kind: "scores"; scores: { id: string; score: number }[] }
  | { kind: "progress"; done: number; total: number }
  | { kind: "file"; file: StoredObject; mediaType: string; detail: TaskDetail };

/** A score that is recomputed may differ by this: engines round differently. */
const tolerance = 1e-4;

/** Images that are computed together: more than one is no faster on the portable engine. */
const batches = { portable: 1, native: 16, cuda: 32 } as const;

serveIsolated<TaskOrder, TaskMessage>(async (order, send) => {
  const tf = await loadEngine(order.engine);
  const model = await openModel(order.model);
  const batch = batches[order.engine.name];
  const sendFile = async (bytes: Uint8Array, mediaType: string, detail: TaskDetail) =>
    send({ kind: "file", file: await store.put(bytes), mediaType, detail });

  if (order.kind === "score") {
    const crops = order.crops.map(({ id, sha256 }) => ({ id, png: () => readImage(sha256) }));
    await scoreCrops(tf, model, crops, {
      batch,
      onScores: (scores) => send({ kind: "scores", scores: scores.map(({ id, score }) => ({ id, score })) }),
    });
    return;
  }
  if (order.kind === "explain") {
    const { method, recorded } = order;
    const { png, ...about } = await explainCrop(tf, model, await readImage(order.crop), {
      method,
      batch,
      onProgress: (done, total) => send({ kind: "progress", done, total }),
    });
    if (!(Math.abs(about.score - recorded) <= tolerance))
      throw new SaidError({
        key: "worker.score_differs",
        values: { score: about.score.toFixed(6), recorded: recorded.toFixed(6) },
      });
    await sendFile(png, "image/png", { ...about });
    return;
  }
  const crops = await Promise.all(order.crops.map(readImage));
  const { bytes, checked, difference } = await exportModel(tf, model, { format: order.format, crops });
  await sendFile(bytes, formats[order.format].mediaType, {
    bytes: bytes.length,
    checked,
    difference,
    sizeBlind: model.input.sizeBlind,
  });
});
