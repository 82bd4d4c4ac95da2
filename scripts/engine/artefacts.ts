import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import { bindingPackage, bindingVersion, type Flavour, libraryVersion } from "@/worker/engines/native";

/** A published file that goes into an engine, with the hash of the one we mean. */
export interface Artefact {
  kind: "wheel" | "package";
  name: string;
  version: string;
  /** As its registry names the file. */
  file: string;
  bytes: number;
  algorithm: "sha256" | "sha512";
  /** Hexadecimal of a wheel's SHA-256, base64 of a package's SHA-512, as the registries write them. */
  hash: string;
}

const wheel = (name: string, version: string, tags: string, bytes: number, hash: string): Artefact => ({
  kind: "wheel",
  name,
  version,
  file: `${name.replaceAll("-", "_")}-${version}-${tags}.whl`,
  bytes,
  algorithm: "sha256",
  hash,
});

const tarball = (name: string, version: string, bytes: number, hash: string): Artefact => ({
  kind: "package",
  name,
  version,
  file: `${name.replace("@", "").replace("/", "-")}-${version}.tgz`,
  bytes,
  algorithm: "sha512",
  hash,
});

const ofTensorFlow = "cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64";
const ofCuda = "py3-none-manylinux2014_x86_64";

const nodeApi = tarball(
  "node-api-headers",
  "1.9.0",
  16_974,
  "2oNILP4jXwRB4ywnYKjVk1YyJ96n2D4EOVJO6S3oYZ5PtbJrw3Yt9TpAuX3nBLMuzn74rnfGQrv13pS9vC+YiA==",
);

/**
 * What each flavour is built from. The wheels are used as archives of libraries and headers; their Python is not run, so that of CPython 3.11
 * serves every machine. The libraries of CUDA are those that this TensorFlow names in its own requirements.
 */
export const artefacts: Record<Flavour, readonly Artefact[]> = {
  cpu: [
    wheel(
      "tensorflow-cpu",
      libraryVersion,
      ofTensorFlow,
      251_793_806,
      "9389305ae3012288a5e367081b6757bfb9d86d4048c69989c659830b257e1c51",
    ),
    tarball(
      bindingPackage.cpu,
      bindingVersion,
      228_166,
      "uHrXeUlfgkMxTZqHkESSV7zSdKdV0LlsBeblqkuKU9nnfxB1pC6DtoyYVaLxznzZy7WQSegjcohxxCjAf6Dc7w==",
    ),
    nodeApi,
  ],
  cuda: [
    wheel(
      "tensorflow",
      libraryVersion,
      ofTensorFlow,
      644_894_885,
      "390747786ac979809fa1cfcf6916220ef0bfed6b9e1b8c643b6b09184a868fe4",
    ),
    ...(
      [
        ["cublas", "12.5.3.2", 363_313_169, "ca070ad70e9fa6654084575d01bd001f30cc4665e33d4bb9fc8e0f321caa034b"],
        ["cuda-cupti", "12.5.82", 13_811_507, "bde77a5feb66752ec61db2adfe47f56b941842825b4c7e2068aff27c9d107953"],
        ["cuda-nvrtc", "12.5.82", 24_873_108, "3dbd97b0104b4bfbc3c4f8c79cd2496307c89c43c29a9f83125f1d76296ff3fd"],
        ["cuda-runtime", "12.5.82", 895_707, "3e79a060e126df40fd3a068f3f787eb000fa51b251ec6cd97d09579632687115"],
        ["cudnn", "9.3.0.75", 577_163_502, "9ad9c6929ebb5295eb4a1728024666d1c88283373e265a0c5c883e6f9d5cd76d"],
        ["cufft", "11.2.3.61", 192_524_114, "9a6e8df162585750f61983a638104a48c756aa13f9f48e19ab079b38e3c828b8"],
        ["cusolver", "11.6.3.83", 130_341_232, "93cfafacde4428b71778eeb092ec615a02a3d05404da1bcf91c53e3fa1bce42b"],
        ["cusparse", "12.5.1.3", 217_558_979, "016df8e993c437e8301e62739f01775cba988fd5253cd4c64173f8e8d2f8e752"],
        ["nvjitlink", "12.5.82", 21_298_879, "f9b37bc5c8cf7509665cb6ada5aaa0ce65618f2332b7d3e78e9790511f111212"],
      ] as const
    ).map(([name, version, bytes, hash]) => wheel(`nvidia-${name}-cu12`, version, ofCuda, bytes, hash)),
    tarball(
      bindingPackage.cuda,
      bindingVersion,
      223_379,
      "p//NN6DGiN4hInUmIkRffaFVMcdTREUMjPyjW04J7OXvB2zBlQimj61eFKSgRrH3f5TnOfKzb0n56he/B6a4bw==",
    ),
    nodeApi,
  ],
};

/** Room that an installation needs while it is made, and what is left of it, in bytes (measured, rounded up). */
export const room: Record<Flavour, { building: number; finished: number }> = {
  cpu: { building: 1.2e9, finished: 0.56e9 },
  cuda: { building: 6.5e9, finished: 3.8e9 },
};

/** @throws Error when the file is not, byte for byte, the one that was published under this name */
export async function verify(path: string, { file, algorithm, hash, kind }: Artefact): Promise<void> {
  const digest = createHash(algorithm);
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), digest);
  const found = digest.digest(kind === "wheel" ? "hex" : "base64");
  if (found !== hash)
    throw new Error(
      `${basename(path)} is not the published ${file}: its ${algorithm.toUpperCase()} is ${found}, not ${hash}. ` +
        "Fetch it again, or from another source; nothing was installed.",
    );
}
