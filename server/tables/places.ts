import { tidyId } from "@/core/ids";
import type { Said } from "@/core/words";

/* How the rows of a file name nodes and images. */

/** Keys of what rows and records speak of: the same for one id however it was typed, then or now. */
export const nodeKey = (of: { subject: string; node: string }) => JSON.stringify([of.subject, of.node].map(tidyId));
export const cropKey = (of: { subject: string; node: string; plane: string }) =>
  JSON.stringify([of.subject, of.node, of.plane].map(tidyId));
/** An image by its place in the study, or a node with all its planes. */
export const placeOf = (at: { subject: string; node: string; plane?: string | undefined }): Said => {
  const node = { subject: at.subject, node: at.node };
  return at.plane === undefined
    ? { key: "errors.node_place", values: node }
    : { key: "errors.image_place", values: { ...node, plane: at.plane } };
};
