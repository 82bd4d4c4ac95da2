import { sayIn } from "@/core/words";
import { engineNames, findEngine } from "@/worker/engines";
import { type ProbeAnswer, probe } from "@/worker/engines/probe";
import { tolerance } from "@/worker/engines/self-test";

const inDeviations = (value: number | null) => (value === null ? "no kernel for it" : value.toExponential(1));

const results = (answer: ProbeAnswer) => [
  `  a convolution, forward and backward: ${answer.milliseconds.toFixed(1)} ms`,
  `  distance from the portable engine's matrix products, in standard deviations (${tolerance} allowed): forward ${inDeviations(answer.forward)}, ` +
    `gradient of the input ${inDeviations(answer.toInput)}, of the kernel ${inDeviations(answer.toKernel)}`,
];

/** Every engine, fastest first: what it is and how its self-test went, or why it cannot be used here. */
export async function check(): Promise<string[]> {
  const lines: string[] = [];
  let chosen: string | null = null;
  for (const name of engineNames) {
    const found = await findEngine(name);
    if (!found.engine) {
      lines.push(`${name}: no. ${sayIn("en")(found.reason)}`);
      continue;
    }
    const { version, device, threads } = found.engine;
    chosen ??= name;
    lines.push(`${name}: yes. ${version}; ${device}; ${threads} ${threads === 1 ? "thread" : "threads"}`);
    lines.push(
      ...(await (found.answer ? Promise.resolve(found.answer) : probe({ name })).then(results, (error) => [
        `  its self-test fails: ${error.message}`,
      ])),
    );
  }
  return [...lines, `A training would use: ${chosen ?? "none"}`];
}
