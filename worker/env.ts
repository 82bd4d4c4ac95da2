import { homedir } from "node:os";
import { join } from "node:path";

/** Where pretrained weights and image features are kept between runs, per user. */
export const cacheFolder = (): string =>
  process.env.NODEWISE_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "nodewise");

/**
 * What libtensorflow and the libraries of CUDA read from the environment. To be called before they are loaded. On an NVIDIA card since Ampere
 * a product of float32 keeps 10 bits of 23 (TF32) unless this forbids it; kernels may add in another order in every run unless told not to;
 * and the card's whole memory would be taken at once.
 */
export function setUpTensorFlow(): void {
  Object.assign(process.env, {
    NVIDIA_TF32_OVERRIDE: "0",
    TF_DETERMINISTIC_OPS: "1",
    TF_FORCE_GPU_ALLOW_GROWTH: "true",
  });
  // It greets every process on stderr; only its warnings and errors are for people.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
}

/** A file nsfwjs-4.4.0.tgz for machines without a package registry. */
export const weightsFile = (): string | undefined => process.env.NODEWISE_WEIGHTS;

/** The ImageNet weights as Keras publishes them (.h5), for machines without internet. */
export const imagenetWeightsFile = (): string | undefined => process.env.NODEWISE_IMAGENET_WEIGHTS;
