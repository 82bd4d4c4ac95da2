import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "@/worker/engines";
import { cacheFolder } from "@/worker/env";
import { preprocessingVersion } from "@/worker/inception/preprocess";
import { weightsSha256 } from "@/worker/weights/pretrained";

/** Another one when an engine's kernels change, or the way crops are computed together: features then differ in their last bits. */
const arithmetic = "2";

/** Features of images by content: the same pixels under the same weights, size of the input, preprocessing and engine are computed once. */
export interface FeatureCache {
  get(key: string): Promise<Float32Array | null>;
  put(key: string, features: Float32Array): Promise<void>;
}

/**
 * The cache of this user on this machine, one small file an image.
 * @param engine engines and cards agree to a few millionths, but a run's record names one, and its features are that one's
 * @param input side of the square that the network sees, in pixels
 */
export function fileCache(
  engine: Pick<Engine, "name" | "version" | "card">,
  input: number,
  folder = join(cacheFolder(), "features"),
): FeatureCache {
  const madeBy = [engine.name, engine.version, ...(engine.card ? Object.values(engine.card) : [])];
  const pathOf = (key: string) => {
    const name = createHash("sha256")
      .update([weightsSha256, preprocessingVersion, input, arithmetic, ...madeBy, key].join("|"))
      .digest("hex");
    return { folder: join(folder, name.slice(0, 2)), file: join(folder, name.slice(0, 2), name) };
  };
  return {
    async get(key) {
      const bytes = await readFile(pathOf(key).file).catch(() => null);
      return bytes ? new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)) : null;
    },
    async put(key, features) {
      const path = pathOf(key);
      await mkdir(path.folder, { recursive: true });
      const temporary = `${path.file}.${randomUUID()}`;
      await writeFile(temporary, Buffer.from(features.buffer, features.byteOffset, features.byteLength));
      await rename(temporary, path.file);
    },
  };
}
