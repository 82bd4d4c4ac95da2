import { splitLeaks } from "@/core/protocol/regimen";
import type { Said } from "@/core/words";
import type { Run } from "@/server/schemas/model";

/** What the figures of a run must not be read without. They travel with every figure. */
export function cautionsOf({ config, leakage, lookAlikes }: Pick<Run, "config" | "leakage" | "lookAlikes">): Said[] {
  const cautions: Said[] = [];
  if (config.trainable === "elsewhere") cautions.push({ key: "model.caution.elsewhere" });
  else if (splitLeaks(config)) {
    const unit = config.splitUnit === "image" ? "by_image" : "by_node";
    cautions.push(
      leakage
        ? {
            key: `model.caution.${unit}_siblings`,
            values: { siblings: leakage.sameSubject, heldOut: leakage.heldOut },
          }
        : { key: `model.caution.${unit}` },
    );
  }
  const [alike, ...more] = lookAlikes;
  if (alike) {
    const [first, second] = alike;
    cautions.push({ key: "model.caution.subjects_alike", values: { first, second, more: more.length } });
  }
  if (config.shuffledLabels) cautions.push({ key: "model.caution.control" });
  return cautions;
}
