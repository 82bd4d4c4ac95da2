import { sayIn } from "@/core/words";
import { engineNames, findEngine } from "@/worker/engines";
import { bindingPackage, bindingVersion, libraryVersion } from "@/worker/engines/native";
import { type ProbeAnswer, probe } from "@/worker/engines/probe";
import { tolerance } from "@/worker/engines/self-test";
import type { Card } from "@/worker/engines/types";

const inDeviations = (value: number | null) => (value === null ? "no kernel for it" : value.toExponential(1));

const results = (answer: ProbeAnswer) => [
  `  a convolution, forward and backward: ${answer.milliseconds.toFixed(1)} ms`,
  `  distance from the portable engine's matrix products, in standard deviations (${tolerance} allowed): forward ${inDeviations(answer.forward)}, ` +
    `gradient of the input ${inDeviations(answer.toInput)}, of the kernel ${inDeviations(answer.toKernel)}`,
];

/** A card with the versions of what drives it, in one line. */
export const describeCard = ({ name, computeCapability, driver, cuda, cudnn }: Card): string =>
  `${name}, compute capability ${computeCapability}, driver ${driver}, CUDA ${cuda}, cuDNN ${cudnn}`;

/** What an engine is made of, and why of that. */
const madeOf = {
  cuda:
    `  code and binding of ${bindingPackage.cuda} ${bindingVersion} on libtensorflow ${libraryVersion} with the CUDA 12 that it names; not the package's own ` +
    "libtensorflow 2.9.1 (CUDA 11.2), which knows no card of today",
  native: `  code and binding of ${bindingPackage.cpu} ${bindingVersion} on libtensorflow ${libraryVersion}`,
  portable: "  @tensorflow/tfjs-backend-wasm, a package of this project: nothing to install",
};

/** Every engine, fastest first: what it is and how its self-test went, or why it cannot be used here. */
export async function check(): Promise<string[]> {
  const lines: string[] = [];
  let chosen: string | null = null;
  for (const name of engineNames) {
    const found = await findEngine(name);
    if (!found.engine) {
      lines.push(`${name}: no. ${sayIn("en")(found.reason)}`, madeOf[name]);
      continue;
    }
    const { version, device, card, threads } = found.engine;
    chosen ??= name;
    lines.push(
      `${name}: yes. ${version}; ${card ? describeCard(card) : device}; ${threads} ${threads === 1 ? "thread" : "threads"}`,
      madeOf[name],
      ...(await (found.answer ? Promise.resolve(found.answer) : probe({ name })).then(results, (error) => [
        `  its self-test fails: ${error.message}`,
      ])),
    );
  }
  return [...lines, `A training would use: ${chosen ?? "none"}`];
}
