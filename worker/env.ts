import { homedir } from "node:os";
import { join } from "node:path";

/** Where pretrained weights and image features are kept between runs, per user. */
export const cacheFolder = (): string =>
  process.env.NODEWISE_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "nodewise");

/** libtensorflow greets every process on stderr; only its warnings and errors are for people. To be called before it is loaded. */
export function quietTensorFlow(): void {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
}

/** A file nsfwjs-4.4.0.tgz for machines without a package registry. */
export const weightsFile = (): string | undefined => process.env.NODEWISE_WEIGHTS;

/** The ImageNet weights as Keras publishes them (.h5), for machines without internet. */
export const imagenetWeightsFile = (): string | undefined => process.env.NODEWISE_IMAGENET_WEIGHTS;
