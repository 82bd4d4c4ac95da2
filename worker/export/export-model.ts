import { packed } from "@/core/text/archive";
import { SaidError } from "@/core/words/said";
import type { Tf } from "@/worker/engines";
import { decodeCanvas } from "@/worker/inception/preprocess";
import { readKerasH5, writeKerasH5 } from "@/worker/interchange/keras-h5";
import { writeOnnx } from "@/worker/interchange/onnx";
import { writeTfjsLayersModel } from "@/worker/interchange/tfjs";
import { networkInputOf, openScorer } from "@/worker/scoring/score";
import type { StoredModel } from "@/worker/scoring/stored-model";
import { checkOnnx } from "./check-onnx";
import type { ExportFormat } from "./formats";

export interface Exported {
  bytes: Uint8Array;
  /** How the file was checked, in words. */
  checked: string;
  /** Largest difference of a logit; null where none was compared. */
  difference: number | null;
}

async function exportOnnx(tf: Tf, model: StoredModel, crops: readonly Uint8Array[]): Promise<Exported> {
  const bytes = writeOnnx(model);
  const scorer = openScorer(tf, model);
  try {
    const canvases = [];
    for (const png of crops) {
      const { picture } = await decodeCanvas(png, model.input);
      const [logit = Number.NaN] = await scorer.logits([networkInputOf(picture, model.input)]);
      canvases.push({ values: picture.values, logit });
    }
    return { bytes, ...(await checkOnnx(bytes, canvases)) };
  } finally {
    scorer.dispose();
  }
}

const equal = (a: Float32Array, b: Float32Array | undefined): boolean =>
  a.length === b?.length && a.every((value, i) => value === b[i]);

async function exportKeras(model: StoredModel): Promise<Exported> {
  const bytes = await writeKerasH5(model);
  const read = await readKerasH5(bytes);
  const isSame =
    read.unit !== null &&
    read.unit.bias === model.unit.bias &&
    equal(model.unit.kernel, read.unit.kernel) &&
    model.layers.every((layer, i) =>
      (["kernel", "beta", "mean", "variance"] as const).every((part) => equal(layer[part], read.layers[i]?.[part])),
    );
  if (!isSame) throw new SaidError({ key: "worker.keras_differs" });
  return { bytes, checked: "every number read back from the file", difference: null };
}

/**
 * A model as a file for other programs, checked as far as it can be here.
 * @param options.crops PNGs on which an ONNX file is compared
 * @throws Error when the file is not the model
 */
export async function exportModel(
  tf: Tf,
  model: StoredModel,
  { format, crops }: { format: ExportFormat; crops: readonly Uint8Array[] },
): Promise<Exported> {
  if (format === "onnx") return exportOnnx(tf, model, crops);
  if (format === "keras-h5") return exportKeras(model);
  const files = new Map(writeTfjsLayersModel(model).map(({ name, bytes }) => [name, bytes]));
  // Weights do not get smaller.
  return { bytes: packed(files, { stored: true }), checked: "not checked here", difference: null };
}
