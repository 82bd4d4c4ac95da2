import type { Said } from "@/core/words";

const telling: readonly string[] = ["worker.one_class_training", "worker.no_image_of_class", "worker.too_few_to_tune"];

/** Whether what is said of a training, that failed or was refused, tells a truth: whose images are all of a class, or that there are none of it. */
export function tellsTruth(reason: Said): boolean {
  const inner = reason.values?.reason;
  return telling.includes(reason.key) || (typeof inner === "object" && tellsTruth(inner));
}
