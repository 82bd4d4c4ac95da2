import type { z } from "zod";
import type { Protocol } from "@/core/protocol/protocol";
import { fileAt } from "./file-at";
import type { shownRow } from "./shown-row";

/** A case as the database handed it out, under the protocol that it is read by: planes by their labels, files by their hashes. */
export function shownUnder(protocol: Protocol, current: z.infer<typeof shownRow>) {
  const labelOf = (plane: string) => protocol.planes.find(({ key }) => key === plane)?.label ?? plane;
  return {
    ...current,
    crops: current.crops.map(({ plane, sha256 }) => ({
      plane: labelOf(plane),
      sha256: sha256 && fileAt(current.slot_id, sha256),
    })),
    protocol,
  };
}
