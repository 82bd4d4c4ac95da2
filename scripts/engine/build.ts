import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bindingPackage, cardPlace, type Flavour, places } from "@/worker/engines/native";
import type { Artefact } from "./artefacts";
import { programs } from "./fetch";
import { patchBinding } from "./patch";
import { run, step } from "./run";
import { unzip } from "./zip";

const libraries = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];
const nodeApiVersion = 8;

/** Libraries of the wheels, by the places at which libtensorflow looks for them; libcudnn looks for nvrtc under a name of its own. */
function libraryPlace(name: string): string | null {
  if (libraries.some((library) => name === `tensorflow/${library}`)) return name;
  return /^nvidia\/\w+\/lib\/[\w.-]+\.so[\w.]*$/.test(name)
    ? name.replace("nvidia/cuda_nvrtc/", "nvidia/nvrtc/")
    : null;
}

/** The headers of the C interface, and what they include. */
function headerPlace(name: string): string | null {
  const ours =
    /^tensorflow\/include\/((?:tensorflow\/(?:c|core\/platform)|xla\/tsl\/(?:c|platform)|tsl\/(?:c|platform))\/.*\.h)$/;
  const nested = /^tensorflow\/include\/external\/local_xla\/(xla\/tsl\/(?:c|platform)\/.*\.h)$/;
  return (ours.exec(name) ?? nested.exec(name))?.[1] ?? null;
}

/** Makes an engine of verified files in an empty folder. Nothing of the packages is run. */
export async function build(options: {
  flavour: Flavour;
  files: ReadonlyMap<Artefact, string>;
  /** For what is needed to build only. */
  work: string;
  target: string;
}): Promise<void> {
  const { flavour, files, work, target } = options;
  const headers = join(work, "include");
  const unpacked = new Map<string, string>();
  await step("Unpacking", async () => {
    for (const [{ kind, name }, path] of files) {
      if (kind === "wheel") {
        await unzip(path, target, libraryPlace);
        if (name.startsWith("tensorflow")) await unzip(path, headers, headerPlace);
        continue;
      }
      const folder = join(work, name.replace("/", "-"));
      await mkdir(folder, { recursive: true });
      await run("tar", ["-xzf", path, "-C", folder]);
      unpacked.set(name, join(folder, "package"));
    }
  });
  const binding = unpacked.get(bindingPackage[flavour]) ?? "";
  const nodeApi = unpacked.get("node-api-headers") ?? "";
  await step("Removing the symbols that only a debugger reads", async () => {
    for (const library of libraries) await run("strip", ["--strip-unneeded", join(target, places.libraries, library)]);
  });
  await step("Compiling the binding", async () => {
    await patchBinding(join(binding, "binding/tfjs_backend.cc"));
    const compile = (...args: string[]) =>
      run(programs.compiler, [
        ...["-std=c++17", "-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-w", "-Wl,-s"],
        ...[`-DNAPI_VERSION=${nodeApiVersion}`, `-I${join(nodeApi, "include")}`, ...args],
      ]);
    await compile(
      `-I${headers}`,
      ...["tfjs_backend.cc", "tfjs_binding.cc"].map((file) => join(binding, "binding", file)),
      ...["-o", join(target, places.addon), `-L${join(target, places.libraries)}`],
      ...libraries.map((library) => `-l:${library}`),
      "-Wl,-rpath,$ORIGIN",
    );
    if (flavour === "cuda") {
      const source = fileURLToPath(new URL("card.cc", import.meta.url));
      await compile(source, "-ldl", "-o", join(target, cardPlace));
    }
  });
  const source = join(binding, "dist");
  const dist = join(target, dirname(places.kernels));
  await cp(join(source, "kernels"), join(dist, "kernels"), {
    recursive: true,
    filter: (path) => !path.endsWith(".ts"),
  });
  for (const file of await readdir(source))
    if (["register_all_kernels.js", "nodejs_kernel_backend.js", "int64_tensors.js"].includes(file))
      await cp(join(source, file), join(dist, file));
  // The last are the messages of TensorBoard, which nothing here writes: without them the engine needs no protobuf.
  for (const file of [places.standIn, places.coreStandIn, "js/dist/proto/api_pb.js"]) {
    await mkdir(dirname(join(target, file)), { recursive: true });
    await writeFile(join(target, file), "module.exports = {};\n");
  }
  await writeFile(join(target, "js/package.json"), `${JSON.stringify({ type: "commonjs" })}\n`);
  await rm(work, { recursive: true, force: true });
}
