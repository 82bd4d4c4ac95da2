import type { z } from "zod";
import type { exportFormat } from "@/server/schemas/model";

export type ExportFormat = z.infer<typeof exportFormat>;

/** What a file is, and how its name ends. Keras takes the layout from the name: `.weights.h5` would be another one than ours. */
export const formats: Readonly<Record<ExportFormat, { mediaType: string; ending: string }>> = {
  onnx: { mediaType: "application/octet-stream", ending: "-inception-v3.onnx" },
  "keras-h5": { mediaType: "application/x-hdf5", ending: "-inception-v3.h5" },
  tfjs: { mediaType: "application/zip", ending: "-inception-v3-tfjs.zip" },
};
