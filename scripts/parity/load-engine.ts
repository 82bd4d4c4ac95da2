import { sayIn } from "@/core/words";
import { engineNames, findEngine, loadEngine, type Tf } from "@/worker/engines";
import { registerTrainingKernels } from "@/worker/engines/portable-kernels";

/** The engine of this name, ready to train, or why there is none. */
export async function openEngine(name: string): Promise<{ tf: Tf } | { reason: string }> {
  const known = engineNames.find((each) => each === name);
  if (!known) return { reason: `There is no engine "${name}": ${engineNames.join(", ")}.` };
  const finding = await findEngine(known);
  if (!finding.engine) return { reason: `The engine ${name} is not installed: ${sayIn("en")(finding.reason)}.` };
  const tf = await loadEngine(finding.engine);
  if (known === "portable") registerTrainingKernels(tf);
  return { tf };
}
