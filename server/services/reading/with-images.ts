import { setTimeout as wait } from "node:timers/promises";
import type { ReadingCase } from "@/server/schemas/reading";
import { readImage } from "@/server/services/imaging/read-image";
import type { openCase } from "./open-case";
import { render } from "./rendering";

/** Milliseconds in which a crop of any size is drawn on the canvas: no answer comes sooner, so that the time tells nothing. */
const drawingTime = 8;

/** Adds the images' bytes, as the condition has them drawn, and takes their hashes away: a reader has no use for them. */
export async function withImages(opened: Awaited<ReturnType<typeof openCase>>): Promise<ReadingCase | null> {
  if (!opened) return null;
  const { rendering, ...shown } = opened;
  const crops = shown.crops.map(async ({ sha256, plane }) => {
    const { png, width, height } = await render(await readImage(sha256), rendering);
    return { plane, image: png.toString("base64"), width, height };
  });
  const [drawn] = await Promise.all([Promise.all(crops), rendering && wait(drawingTime)]);
  return { ...shown, crops: drawn };
}
