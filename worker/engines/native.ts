import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { z } from "zod";
import type { Said } from "@/core/words";
import { cacheFolder, setUpTensorFlow } from "@/worker/env";
import type { Card, Tf } from "./types";

/*
 * The engines on libtensorflow: the code and binding of @tensorflow/tfjs-node, on a card those of @tensorflow/tfjs-node-gpu, compiled against a
 * current libtensorflow, in a folder of the user's cache which `npm run engine -- install` makes. What loads them is here and changes with the
 * product. The packages' own libtensorflow is that of 2022 (2.9.1, for CUDA 11.2), which has no machine code for a card of today.
 */

/** The libtensorflow that an installation is built on. */
export type Flavour = "cpu" | "cuda";

export const bindingVersion = "4.22.0";
export const libraryVersion = "2.19.0";
/** The package that the binding is from. */
export const bindingPackage = {
  cpu: "@tensorflow/tfjs-node",
  cuda: "@tensorflow/tfjs-node-gpu",
} as const satisfies Record<Flavour, string>;

/** Changes when an installation has to be made anew: another binding, another library, other files. */
const recipe: Record<Flavour, number> = { cpu: 2, cuda: 3 };

/** Where finished installations are. One that is being built lies beside them, under a name that starts with a dot. */
export const enginesFolder = (): string => join(cacheFolder(), "engines");

export const nativeFolder = (flavour: Flavour): string =>
  join(enginesFolder(), `tensorflow-${libraryVersion}-${flavour}-${recipe[flavour]}`);

/** Places within an installation. The libraries lie as in the wheel: libtensorflow finds those of CUDA by their place beside it. */
export const places = {
  libraries: "tensorflow",
  addon: "tensorflow/tfjs_binding.node",
  kernels: "js/dist/register_all_kernels.js",
  backend: "js/dist/nodejs_kernel_backend.js",
  /** Empty modules in place of the packages that the binding's JavaScript asks for; of both it uses tfjs-core alone. */
  standIn: "js/node_modules/@tensorflow/tfjs/index.js",
  coreStandIn: "js/node_modules/@tensorflow/tfjs-core/index.js",
} as const;

/** Of an installation for a card alone: what asks CUDA which card it is (`scripts/engine/card.cc`). */
export const cardPlace = "tensorflow/card.node";

/** What can be seen without loading it; null when nothing is missing. */
export function whyNotInstalled(flavour: Flavour): Said | null {
  const folder = nativeFolder(flavour);
  if (!existsSync(folder)) return { key: "worker.engine.not_installed", values: { flavour } };
  const files = [...Object.values(places), ...(flavour === "cuda" ? [cardPlace] : [])];
  const missing = files.filter((file) => !existsSync(join(folder, file)));
  return missing.length > 0
    ? { key: "worker.engine.incomplete", values: { files: missing.join(", "), flavour } }
    : null;
}

const require = createRequire(import.meta.url);

/**
 * Makes the installation in `folder` the engine of this process, on the tfjs-core that everything else uses. A broken one throws or ends
 * the process: what is not known to work is tried in a process of its own first (`probe.ts`).
 */
export async function openNative(folder: string): Promise<Tf> {
  setUpTensorFlow();
  const tf: Tf = require("@tensorflow/tfjs-core");
  // The binding's JavaScript asks for these two; Node 22 warns of the first, and later versions have neither.
  Object.assign(require("node:util"), {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  });
  for (const standIn of [places.standIn, places.coreStandIn]) Object.assign(require(join(folder, standIn)), tf);
  const binding: object = require(join(folder, places.addon));
  require(join(folder, places.kernels));
  const { NodeJSKernelBackend } = require(join(folder, places.backend));
  const name = bindingPackage[existsSync(join(folder, cardPlace)) ? "cuda" : "cpu"];
  if (!tf.findBackend("tensorflow")) tf.registerBackend("tensorflow", () => new NodeJSKernelBackend(binding, name));
  if (!(await tf.setBackend("tensorflow"))) throw new Error("its backend does not start");
  return tf;
}

const card = z.object({
  name: z.string(),
  computeCapability: z.string(),
  driver: z.string(),
  cuda: z.string(),
  cudnn: z.string(),
});

/** The card that the engine in `folder` computes on in this process, and the libraries it has loaded: to be asked after a convolution. */
export const cardOf = (folder: string): Card => card.parse(require(join(folder, cardPlace)).describe());
