import { createRequire } from "node:module";
import { SaidError } from "@/core/words/said";

/** What is used of ONNX Runtime; its two packages for Node have it alike. */
interface OnnxRuntime {
  InferenceSession: {
    create(bytes: Uint8Array): Promise<{
      run(feeds: Record<string, unknown>): Promise<Record<string, { data: ArrayLike<number> } | undefined>>;
      release(): Promise<void>;
    }>;
  };
  Tensor: new (type: "float32", data: Float32Array, shape: readonly number[]) => unknown;
}

const require = createRequire(import.meta.url);
const packages = ["onnxruntime-node", "onnxruntime-web"] as const;

/** ONNX Runtime for the processor, where somebody has installed it; else the portable one, with which letters are looked for. */
function findRuntime(): { name: string; runtime: OnnxRuntime } | null {
  for (const name of packages) {
    try {
      const runtime: OnnxRuntime = require(name);
      return { name, runtime };
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND")) throw error;
    }
  }
  return null;
}

/** The logits of a written file may differ from ours by this, relative to the larger of 1 and the logit: other kernels, other roundings. */
const tolerance = 1e-3;

/**
 * Runs a written ONNX file on some canvases and compares its logits.
 * @param canvases size x size x 3 numbers in 0..255 each, with our logit
 * @returns how it was checked, and the largest difference; null where ONNX Runtime is not installed
 * @throws Error when a logit is another
 */
export async function checkOnnx(
  file: Uint8Array,
  canvases: readonly { values: Float32Array; logit: number }[],
): Promise<{ checked: string; difference: number | null }> {
  const found = findRuntime();
  if (!found) return { checked: "not checked here: onnxruntime-node is not installed", difference: null };
  const { name, runtime } = found;
  const session = await runtime.InferenceSession.create(file);
  let difference = 0;
  for (const { values, logit } of canvases) {
    const size = Math.sqrt(values.length / 3);
    const outputs = await session.run({ image: new runtime.Tensor("float32", values, [1, size, size, 3]) });
    const other = outputs.logit?.data[0] ?? Number.NaN;
    if (!(Math.abs(other - logit) <= tolerance * Math.max(1, Math.abs(logit))))
      throw new SaidError({ key: "worker.onnx_differs", values: { other: String(other), logit: String(logit) } });
    difference = Math.max(difference, Math.abs(other - logit));
  }
  await session.release();
  return { checked: `logits of ${canvases.length} crops by ${name}`, difference };
}
