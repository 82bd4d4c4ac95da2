import type { Estimate } from "../stats/types";
import type { Said } from "../words";
import type { Writer } from "./writer";

/** A method without the level within which units are alike: that is said once for all. */
function withoutLevel(method: Said): Said {
  const inner = method.key === "stats.method.clustered" ? method.values?.method : undefined;
  return typeof inner === "object" ? inner : method;
}

/** By which methods these were estimated and tested, each once; empty where nothing was. */
export function methodsOfAll({ speak, list }: Writer, estimates: readonly (Estimate | undefined)[]): string {
  const methods = estimates.flatMap((each) =>
    each && each.estimate !== null ? [speak(withoutLevel(each.method))] : [],
  );
  return list([...new Set(methods)], "apart");
}

/** By which methods everything that a report prints was estimated and tested, a sentence each. */
export function methodSentences(w: Writer): string[] {
  const { result, say } = w;
  const { primary, rows, averages, comparisons, agreement, network, roc } = result;
  const all: [what: string, estimates: readonly (Estimate | undefined)[]][] = [
    ["primary", [primary?.difference]],
    ["rows", rows.flatMap((row) => [row.sensitivity, row.specificity, row.ppv, row.npv, row.accuracy, row.auc])],
    ["averages", averages.flatMap(({ fixed, random }) => [fixed.difference, random?.difference])],
    ["comparisons", comparisons.map(({ difference }) => difference)],
    ["agreement", agreement.map(({ kappa }) => kappa)],
    [
      "network",
      network ? [network.brier, network.calibrationInTheLarge, network.calibrationSlope, network.averagePrecision] : [],
    ],
  ];
  const sentences = all.flatMap(([what, estimates]) => {
    const methods = methodsOfAll(w, estimates);
    return methods === "" ? [] : [say("methods.methods", { what, methods })];
  });
  const banded = roc.findIndex(({ band }) => band !== null);
  return [
    ...sentences,
    say("methods.clustered"),
    ...(banded < 0
      ? []
      : [say("methods.band", { replicates: w.count(["result", "roc", banded, "band", "replicates"]) })]),
  ];
}

/** What the areas of the readers are of: their own ratings, calls with their confidence, or either. */
export function ratingsOf({ result }: Writer): "own" | "some" | "confidence" {
  const isOwn = result.rows.flatMap(({ condition, auc }) =>
    condition === null || auc.estimate === null
      ? []
      : [withoutLevel(auc.method).key === "stats.method.auc_of_own_ratings"],
  );
  if (!isOwn.includes(true)) return "confidence";
  return isOwn.includes(false) ? "some" : "own";
}
