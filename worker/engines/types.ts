import type * as TensorFlow from "@tensorflow/tfjs-core";
import type { Said } from "@/core/words";

/** What every engine offers: the operations of TensorFlow.js. */
export type Tf = typeof TensorFlow;

/** Fastest first. */
export const engineNames = ["cuda", "native", "portable"] as const;
export type EngineName = (typeof engineNames)[number];

/** What has to be loaded. */
export interface EngineSource {
  name: EngineName;
  /** Of an installation made by `npm run engine -- install`; the portable engine has none. */
  folder?: string;
}

/** An NVIDIA card, and the versions of what drives it. */
export interface Card {
  name: string;
  /** As NVIDIA writes it, e.g. "9.0". */
  computeCapability: string;
  driver: string;
  cuda: string;
  cudnn: string;
}

/** A way to run the network on this machine, as it is recorded with every run. */
export interface Engine extends EngineSource {
  /** The processor, or the card. */
  device: string;
  /** What else is known of the card; null on a processor. */
  card: Card | null;
  /** Of the package of TensorFlow.js, and of libtensorflow where there is one. */
  version: string;
  /** Cores it works on: processes with one image each of the portable engine, threads that share one image of the native one. */
  threads: number;
  /** Why a faster engine was not used; null when there is none faster. */
  slowerThan: Said | null;
}
