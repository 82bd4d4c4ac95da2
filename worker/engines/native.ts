import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Said } from "@/core/words";
import { cacheFolder, quietTensorFlow } from "@/worker/env";
import type { Tf } from "./types";

/*
 * The native engine: the binding of @tensorflow/tfjs-node compiled against a current libtensorflow, in a folder of the user's cache which
 * `npm run engine -- install` makes. The folder holds other people's files only; what loads them is here and changes with the product.
 */

/** The libtensorflow that an installation is built on. */
export type Flavour = "cpu" | "cuda";

export const bindingVersion = "4.22.0";
export const libraryVersion = "2.19.0";
/** Changes when an installation has to be made anew: another binding, another library, other files. */
const recipe = 2;

/** Where finished installations are. One that is being built lies beside them, under a name that starts with a dot. */
export const enginesFolder = (): string => join(cacheFolder(), "engines");

export const nativeFolder = (flavour: Flavour): string =>
  join(enginesFolder(), `tensorflow-${libraryVersion}-${flavour}-${recipe}`);

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

/** What can be seen without loading it; null when nothing is missing. */
export function whyNotInstalled(folder: string): Said | null {
  if (!existsSync(folder)) return { key: "worker.engine.not_installed" };
  const missing = Object.values(places).filter((file) => !existsSync(join(folder, file)));
  return missing.length > 0 ? { key: "worker.engine.incomplete", values: { files: missing.join(", ") } } : null;
}

const require = createRequire(import.meta.url);

/**
 * Makes the installation in `folder` the engine of this process, on the tfjs-core that everything else uses. A broken one throws or ends
 * the process: what is not known to work is tried in a process of its own first (`probe.ts`).
 */
export async function openNative(folder: string): Promise<Tf> {
  quietTensorFlow();
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
  if (!tf.findBackend("tensorflow"))
    tf.registerBackend("tensorflow", () => new NodeJSKernelBackend(binding, "@tensorflow/tfjs-node"));
  if (!(await tf.setBackend("tensorflow"))) throw new Error("its backend does not start");
  return tf;
}
