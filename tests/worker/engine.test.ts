import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { sayIn } from "@/core/words";
import packageFile from "@/package.json";
import { type Artefact, artefacts, verify } from "@/scripts/engine/artefacts";
import { obtain } from "@/scripts/engine/fetch";
import { withoutSecrets } from "@/scripts/engine/run";
import { formulaImage, formulaWeights } from "@/scripts/parity/formula";
import fixture from "@/tests/parity/forward75.json";
import { saying } from "@/tests/support/said";
import { chooseEngine, findEngine, loadNative, loadPortable } from "@/worker/engines";
import {
  bindingPackage,
  bindingVersion,
  libraryVersion,
  nativeFolder,
  places,
  whyNotInstalled,
} from "@/worker/engines/native";
import { deviation, distances, reference, selfTest, tolerance, whyTooFar } from "@/worker/engines/self-test";
import { buildNetwork, pooledFeatures } from "@/worker/inception/network";

const folder = mkdtempSync(join(tmpdir(), "nodewise-engine-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The installation of whoever runs the tests, before they look elsewhere. */
const installed = nativeFolder("cpu");
const notInstalled = whyNotInstalled("cpu");

const environment = { ...process.env };
afterEach(() => {
  process.env = { ...environment };
});

/** An installation in a cache of its own: whole to look at, with the given text in each file. */
function fakeInstallation(name: string, contents: string): void {
  process.env.NODEWISE_CACHE = join(folder, name);
  for (const place of Object.values(places).filter((place) => place !== places.libraries)) {
    const file = join(nativeFolder("cpu"), place);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, contents);
  }
}

describe("where the native engine cannot be used, the portable one is, and the record says why", () => {
  beforeEach(async ({ skip }) => {
    const cuda = await findEngine("cuda");
    if (cuda.engine) skip("this machine has a CUDA engine, which goes before the native one");
  });

  test("when it is not installed", async () => {
    process.env.NODEWISE_CACHE = join(folder, "empty");
    const engine = await chooseEngine();
    expect(engine).toMatchObject({ name: "portable", version: "4.22.0" });
    expect(engine.threads).toBeGreaterThan(0);
    expect(engine.slowerThan).toEqual(saying(/^CUDA: .+; native: not installed here \(npm run engine -- install\)$/));
  });

  test("when a file of it is missing", async () => {
    fakeInstallation("incomplete", "");
    rmSync(join(nativeFolder("cpu"), places.addon));
    const engine = await chooseEngine();
    expect(engine.name).toBe("portable");
    expect(engine.slowerThan).toEqual(saying(/native: its installation lacks tensorflow\/tfjs_binding\.node/));
  });

  test("when its addon does not load; no path of the machine gets into the record", async () => {
    fakeInstallation("broken", "module.exports = {};");
    const engine = await chooseEngine();
    expect(engine.name).toBe("portable");
    expect(engine.slowerThan).toEqual(saying(/native: it does not load: tensorflow\/tfjs_binding\.node/));
    expect(JSON.stringify(engine.slowerThan)).not.toContain(folder);
  });

  test("when it takes its process with it", async () => {
    fakeInstallation("crashing", "process.stderr.write('no AVX here'); process.abort();");
    const engine = await chooseEngine();
    expect(engine.name).toBe("portable");
    expect(engine.slowerThan).toEqual(saying(/native: it ended its process \(SIGABRT\)/));
  });
});

describe("the native engine, where it is installed", () => {
  beforeEach(({ skip }) => {
    if (notInstalled) skip(`the native engine is ${sayIn("en")(notInstalled)}`);
  });

  test("is found, after a convolution that is the portable engine's", async () => {
    const found = await findEngine("native");
    expect(found.engine).toMatchObject({
      name: "native",
      folder: installed,
      version: `${bindingVersion} (libtensorflow ${libraryVersion})`,
      slowerThan: null,
    });
  });

  test("computes the features that Keras computes, and leaves no tensor behind", async () => {
    const tf = await loadNative(installed);
    const { size, count } = fixture.parameters;
    const { parameters } = fixture;
    const network = buildNetwork(tf, formulaWeights(parameters));
    const tensors = tf.memory().numTensors;
    for (let index = 0; index < count; index++) {
      const expected = fixture.float64.images[index];
      if (!expected) throw new Error("the fixture lacks this input");
      const input = tf.tensor4d(formulaImage(parameters, index), [1, size, size, 3]);
      const output = pooledFeatures(tf, network, input);
      const pooled = output.dataSync();
      tf.dispose([input, output]);
      for (const [i, value] of expected.pooled.first64.entries())
        expect(Math.abs((pooled[i] ?? Number.NaN) - value) / expected.blocks.mixed10.std).toBeLessThan(tolerance);
    }
    expect(tf.memory().numTensors).toBe(tensors);
    network.dispose();
  });

  test("trains to the same bits in two processes, recomputing or not, and leaves the caller's weights and no tensor behind", async () => {
    const digests = await Promise.all((["keep", "keep", "recompute"] as const).map(trainedDigest));
    expect(new Set(digests)).toHaveLength(1);
  });
});

/** Digest of the weights after three steps on the native engine, in a process of its own. */
async function trainedDigest(memory: "keep" | "recompute"): Promise<string> {
  const script = fileURLToPath(new URL("./train-process.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", script, installed, memory]);
  return stdout.trim();
}

test("the self-test sees one wrong number among many", () => {
  const expected = Float32Array.from({ length: 1_000 }, (_, i) => Math.sin(i));
  expect(deviation(expected, expected)).toBe(0);
  const wrong = Float32Array.from(expected);
  wrong[500] = (wrong[500] ?? 0) + 1e-3;
  expect(deviation(wrong, expected)).toBeGreaterThan(tolerance);
  wrong[500] = Number.NaN;
  expect(deviation(wrong, expected)).toBe(Number.POSITIVE_INFINITY);
});

/** As a card rounds what it multiplies in TF32: to the nearest number with 10 bits behind the leading one, to the even one of two. */
function roundedToTf32(values: Float32Array): Float32Array {
  const bits = new Uint32Array(values.slice().buffer);
  for (const [i, each] of bits.entries()) bits[i] = (each + 0xfff + ((each >>> 13) & 1)) & ~0x1fff;
  return new Float32Array(bits.buffer);
}

describe("a card that multiplies in TF32", () => {
  test("is refused by the self-test, with the reason; the same engine with all its bits is not", async () => {
    const tf = await loadPortable();
    const expected = reference(tf);
    expect(whyTooFar(distances(selfTest(tf), expected))).toBeNull();
    const tensor4d: typeof tf.tensor4d = (values, shape) =>
      tf.tensor4d(values instanceof Float32Array ? roundedToTf32(values) : values, shape);
    const ofTf32 = distances(selfTest({ ...tf, tensor4d }), expected);
    expect(ofTf32.forward).toBeGreaterThan(5 * tolerance);
    expect(whyTooFar(ofTf32)).toEqual(
      saying(
        /^it computes a convolution wrongly: 0\.001\d standard deviations off, 0\.0002 are allowed; so far is a card that multiplies in TF32$/,
      ),
    );
  });

  test("is told not to, and to add in one order, before libtensorflow is loaded, whatever the environment says", async () => {
    fakeInstallation("told", "");
    for (const name of ["NVIDIA_TF32_OVERRIDE", "TF_DETERMINISTIC_OPS", "TF_FORCE_GPU_ALLOW_GROWTH"])
      process.env[name] = "9";
    // The addon is no library, so nothing is loaded: what is left is what was set before.
    await expect(loadNative(nativeFolder("cpu"))).rejects.toThrow(/tfjs_binding\.node/);
    expect(process.env).toMatchObject({
      NVIDIA_TF32_OVERRIDE: "0",
      TF_DETERMINISTIC_OPS: "1",
      TF_FORCE_GPU_ALLOW_GROWTH: "true",
    });
  });
});

test("npm fetches nothing of TensorFlow for a card; package.json names the version whose code the installation takes", () => {
  const { peerDependencies, peerDependenciesMeta } = packageFile;
  expect(peerDependencies).toEqual({ [bindingPackage.cuda]: bindingVersion });
  expect(peerDependenciesMeta[bindingPackage.cuda]).toEqual({ optional: true });
  expect(packageFile).not.toHaveProperty("optionalDependencies");
  const locked = readFileSync("package-lock.json", "utf8");
  expect(JSON.parse(locked).packages).not.toHaveProperty([`node_modules/${bindingPackage.cuda}`]);
  expect(artefacts.cuda.map(({ file }) => file)).toContain(`tensorflow-tfjs-node-gpu-${bindingVersion}.tgz`);
});

describe("what goes into an engine", () => {
  test("is taken when it is the published file, and refused when one byte differs", async () => {
    const wheel: Artefact = {
      kind: "wheel",
      name: "small",
      version: "1",
      file: "small-1-py3-none-any.whl",
      bytes: 6,
      algorithm: "sha256",
      hash: createHash("sha256").update("a file").digest("hex"),
    };
    const path = join(folder, wheel.file);
    writeFileSync(path, "a file");
    await verify(path, wheel);
    expect(await obtain(wheel, [path], folder)).toBe(path);
    writeFileSync(path, "a filf");
    const refusal =
      /small-1-py3-none-any\.whl is not the published .* SHA256 is [0-9a-f]{64}, not .* nothing was installed/;
    await expect(verify(path, wheel)).rejects.toThrow(refusal);
    await expect(obtain(wheel, [path], folder)).rejects.toThrow(refusal);
  });

  test("has a pinned hash of full length, every file of it", () => {
    for (const { file, algorithm, hash } of [...artefacts.cpu, ...artefacts.cuda])
      expect(hash, file).toMatch(algorithm === "sha256" ? /^[0-9a-f]{64}$/ : /^[A-Za-z0-9+/]{86}==$/);
  });
});

test("a password in the address of a registry is never printed", () => {
  expect(withoutSecrets("Looking in indexes: https://user:secret@packages.example/simple")).not.toMatch(/secret|user/);
});
