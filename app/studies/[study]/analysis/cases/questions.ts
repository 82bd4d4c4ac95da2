import { z } from "zod";
import type { CasesOutput, ExploredImage, ExploredNode } from "@/server/schemas/cases";

export const shows = ["all", "missed", "overcalled", "disagreement", "changed"] as const;
export const networks = ["any", "right", "wrong"] as const;
export const sorts = ["study", "error", "wrong"] as const;

/** Which cases somebody looks for, as the address names them; what it does not name, or names wrongly, is not asked for. */
export const question = z.object({
  /** False negatives, false positives, a condition in which readers disagree, a reader who calls otherwise in another condition. */
  show: z.enum(shows).catch("all"),
  /** Null: any. */
  reader: z.string().nullable().catch(null).default(null),
  condition: z.string().nullable().catch(null).default(null),
  network: z.enum(networks).catch("any"),
  sort: z.enum(sorts).catch("study"),
});
export type Question = z.infer<typeof question>;

export const truthOf = ({ result }: Pick<ExploredNode, "result">): 0 | 1 | null =>
  result === "positive" ? 1 : result === "negative" ? 0 : null;

/** Whether the network calls an image as pathology did; null without a score or a truth. */
export function isNetworkRight({ network }: ExploredImage, truth: 0 | 1 | null): boolean | null {
  return network === null || truth === null ? null : network.isPositive === (truth === 1);
}

/** How far a score lies from the truth, 0 to 1; null without one of both. */
export function errorOf({ network }: ExploredImage, truth: 0 | 1 | null): number | null {
  return network === null || truth === null ? null : Math.abs(truth - network.score);
}

/** How many of the calls of a node's images are wrong. */
export function wrongCalls(node: ExploredNode): number {
  const truth = truthOf(node);
  if (truth === null) return 0;
  return node.images.flatMap(({ calls }) => calls).filter((call) => call !== null && call !== truth).length;
}

/** The images of a node that answer a question; of "all" every one. */
export function answering(node: ExploredNode, asked: Question, parties: CasesOutput["parties"]): ExploredImage[] {
  const truth = truthOf(node);
  return node.images.filter((image) => {
    if (asked.network !== "any" && isNetworkRight(image, truth) !== (asked.network === "right")) return false;
    return matches(image, truth, asked, parties);
  });
}

function matches(
  { calls }: ExploredImage,
  truth: 0 | 1 | null,
  { show, reader, condition }: Question,
  parties: CasesOutput["parties"],
): boolean {
  const asked = parties.flatMap((party, place) =>
    (reader === null || party.reader === reader) && (condition === null || party.condition === condition)
      ? [{ ...party, call: calls[place] ?? null }]
      : [],
  );
  const differs = (key: "reader" | "condition") => {
    const seen = new Map<string, 0 | 1>();
    return asked.some((party) => {
      if (party.call === null) return false;
      const before = seen.get(party[key]);
      seen.set(party[key], party.call);
      return before !== undefined && before !== party.call;
    });
  };
  switch (show) {
    case "all":
      return true;
    case "missed":
      return truth === 1 && asked.some(({ call }) => call === 0);
    case "overcalled":
      return truth === 0 && asked.some(({ call }) => call === 1);
    case "disagreement":
      return differs("condition");
    case "changed":
      return differs("reader");
  }
}

/** The nodes that have an answering image, in the order asked for. */
export function found(
  { nodes, parties }: Pick<CasesOutput, "nodes" | "parties">,
  asked: Question,
): { node: ExploredNode; images: ExploredImage[] }[] {
  const kept = nodes.flatMap((node) => {
    const images = answering(node, asked, parties);
    return images.length > 0 ? [{ node, images }] : [];
  });
  const largestError = ({ node, images }: (typeof kept)[number]) =>
    Math.max(-1, ...images.map((image) => errorOf(image, truthOf(node)) ?? -1));
  switch (asked.sort) {
    case "study":
      return kept;
    case "error":
      return kept.toSorted((a, b) => largestError(b) - largestError(a));
    case "wrong":
      return kept.toSorted((a, b) => wrongCalls(b.node) - wrongCalls(a.node));
  }
}
