import type { ReadingCase } from "@/server/schemas/reading";
import { imagesOf } from "./images-of";
import type { openCase } from "./open-case";
import { sealKey } from "./seal-key";

/**
 * A case as the page gets it, without the hashes, for which a reader has no use: with its images or, where they lie in the browser already, with the key that opens them.
 * @param ahead the nonce with which they were sealed (`caseAhead`)
 * @throws AppError "unavailable" for an image of an earlier version that the worker has not drawn yet
 */
export async function withImages(
  opened: Awaited<ReturnType<typeof openCase>>,
  ahead?: string,
): Promise<ReadingCase | null> {
  if (!opened) return null;
  const { rendering, shownSha256, crops, ...shown } = opened;
  if (ahead === undefined) return { ...shown, crops: await imagesOf({ crops, rendering }) };
  return { ...shown, crops: [], key: sealKey({ slotId: shown.slotId, shownSha256, nonce: ahead }).toString("base64") };
}
