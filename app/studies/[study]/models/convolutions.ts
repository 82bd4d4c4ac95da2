import type { Regimen } from "@/core/protocol/regimen";

/** Convolutions of Inception-v3 up to the end of the stem and of each mixed block (`worker/inception/network.ts`). */
const through = [5, 12, 19, 26, 30, 40, 50, 60, 70, 76, 85, 94] as const;
export const blocks = through.length - 1;
export const convolutions = 94;

/** How many convolutions stay as they are. Blocks count the mixed ones with the stem in front; none freezes nothing. */
export function frozenConvolutions(frozen: number, unit: "blocks" | "convolutions"): number | null {
  if (!Number.isInteger(frozen) || frozen < 0) return null;
  if (unit === "convolutions") return frozen <= convolutions ? frozen : null;
  return frozen === 0 ? 0 : (through[frozen] ?? null);
}

/** Convolutions that a run leaves frozen; null where no network is trained. */
export const frozenIn = (config: Regimen): number | null =>
  config.trainable === "network" ? frozenConvolutions(config.frozen, config.frozenUnit) : null;
