import type { ReadingCase } from "@/server/schemas/reading";
import { readImage } from "@/server/services/imaging/read-image";
import type { openCase } from "./open-case";

/** Adds the images' bytes and takes their hashes away: a reader has no use for them. */
export async function withImages(opened: Awaited<ReturnType<typeof openCase>>): Promise<ReadingCase | null> {
  if (!opened) return null;
  const crops = opened.crops.map(async ({ sha256, ...crop }) => ({
    ...crop,
    image: (await readImage(sha256)).toString("base64"),
  }));
  return { ...opened, crops: await Promise.all(crops) };
}
