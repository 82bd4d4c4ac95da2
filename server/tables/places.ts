import type { Said } from "@/core/words";

/* How the rows of a file name nodes and images. */

export const nodeKey = ({ subject, node }: { subject: string; node: string }) => JSON.stringify([subject, node]);
export const cropKey = (row: { subject: string; node: string; plane: string }) =>
  JSON.stringify([row.subject, row.node, row.plane]);
/** An image by its place in the study, or a node with all its planes. */
export const placeOf = (at: { subject: string; node: string; plane?: string | undefined }): Said => {
  const node = { subject: at.subject, node: at.node };
  return at.plane === undefined
    ? { key: "errors.node_place", values: node }
    : { key: "errors.image_place", values: { ...node, plane: at.plane } };
};
