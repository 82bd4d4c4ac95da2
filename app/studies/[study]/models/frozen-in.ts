import { frozenConvolutions } from "@/core/network/freezing";
import type { Regimen } from "@/core/protocol/regimen";

/** Convolutions that a run leaves frozen; null where no network is trained. */
export const frozenIn = (config: Regimen): number | null =>
  config.trainable === "network" ? frozenConvolutions(config) : null;
