import { z } from "zod";
import { splitUnit } from "@/core/protocol/regimen";

/** Held-out images with a sibling in training, by kind; absent where the split rules it out. */
export const leakage = z.object({
  unit: splitUnit,
  heldOut: z.int(),
  sameSubject: z.int(),
  sameNode: z.int(),
  duplicate: z.int(),
  nearDuplicate: z.int(),
});
export type Leakage = z.infer<typeof leakage>;
