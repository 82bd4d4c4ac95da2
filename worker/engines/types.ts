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
  /** Of an installation made by `npm run engine -- install`; absent where a package of ours is the engine. */
  folder?: string;
}

/** A way to run the network on this machine, as it is recorded with every run. */
export interface Engine extends EngineSource {
  device: string;
  /** Of the package, and of libtensorflow where there is one. */
  version: string;
  /** Cores it works on: processes with one image each of the portable engine, threads that share one image of the native one. */
  threads: number;
  /** Why a faster engine was not used; null when there is none faster. */
  slowerThan: Said | null;
}
