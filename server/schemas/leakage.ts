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
const place = z.object({ subject: z.string(), node: z.string(), plane: z.string() });

/** Two images that are the same picture, to the pixel or nearly, and stand for opposite truths. */
export const contradiction = z.object({ first: place, second: place, identical: z.boolean() });
export type Contradiction = z.infer<typeof contradiction>;

export type Leakage = z.infer<typeof leakage>;
