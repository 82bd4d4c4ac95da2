export const caseShows = ["all", "missed", "overcalled", "disagreement", "changed"] as const;
export const networkShows = ["any", "right", "wrong"] as const;
export const caseSorts = ["study", "error", "wrong"] as const;

/** Which cases somebody looks for. */
export interface CaseQuestion {
  /** False negatives, false positives, a condition in which readers disagree, a reader who calls otherwise in another condition. */
  show: (typeof caseShows)[number];
  /** Null: any. */
  reader: string | null;
  condition: string | null;
  network: (typeof networkShows)[number];
  sort: (typeof caseSorts)[number];
}

/** Who reads in which condition. */
export interface ReadingParty {
  reader: string;
  condition: string;
}

/** An image as far as it is looked for: `calls` has a place for each party, null without a call. */
export interface SoughtImage {
  network: { score: number; isPositive: boolean } | null;
  calls: readonly (0 | 1 | null)[];
}

export interface SoughtNode {
  result: "positive" | "negative" | "not_found" | null;
  images: readonly SoughtImage[];
}

/** Which choices what is shown turns on; the others are not heeded. */
export const turnsOn = (show: CaseQuestion["show"]) => ({
  reader: show !== "all" && show !== "disagreement",
  condition: show !== "all" && show !== "changed",
});

/** A question without what it does not turn on, and without readers, conditions and scores that the study has not. */
export function heededQuestion(
  asked: CaseQuestion,
  { parties, isScored }: { parties: readonly ReadingParty[]; isScored: boolean },
): CaseQuestion {
  const on = turnsOn(asked.show);
  return {
    show: asked.show,
    reader: on.reader && parties.some(({ reader }) => reader === asked.reader) ? asked.reader : null,
    condition: on.condition && parties.some(({ condition }) => condition === asked.condition) ? asked.condition : null,
    network: isScored ? asked.network : "any",
    sort: isScored || asked.sort !== "error" ? asked.sort : "study",
  };
}

/** Whether calls of readers decide which cases are found, or their order. */
export const restsOnCalls = ({ show, sort }: CaseQuestion) => show !== "all" || sort === "wrong";

export const truthOf = ({ result }: Pick<SoughtNode, "result">): 0 | 1 | null =>
  result === "positive" ? 1 : result === "negative" ? 0 : null;

/** Whether the network calls an image as pathology did; null without a score or a truth. */
export function isNetworkRight({ network }: SoughtImage, truth: 0 | 1 | null): boolean | null {
  return network === null || truth === null ? null : network.isPositive === (truth === 1);
}

/** How far a score lies from the truth, 0 to 1; null without one of both. */
function errorOf({ network }: SoughtImage, truth: 0 | 1 | null): number | null {
  return network === null || truth === null ? null : Math.abs(truth - network.score);
}

/** How many of the calls of a node's images are wrong. */
export function wrongCalls(node: SoughtNode): number {
  const truth = truthOf(node);
  if (truth === null) return 0;
  return node.images.flatMap(({ calls }) => calls).filter((call) => call !== null && call !== truth).length;
}

/**
 * The nodes that have an answering image, in the order asked for; of what is equal there in the order of `nodes`.
 * @param asked a heeded question
 * @returns `images`: those of a node that answer; of "all" every one
 */
export function foundCases<Node extends SoughtNode>(
  nodes: readonly Node[],
  asked: CaseQuestion,
  parties: readonly ReadingParty[],
): { node: Node; images: Node["images"][number][] }[] {
  const { show, reader, condition, network, sort } = asked;
  const places = parties.flatMap((party, place) =>
    (reader === null || party.reader === reader) && (condition === null || party.condition === condition)
      ? [{ ...party, place }]
      : [],
  );
  const found = nodes.flatMap((node) => {
    const truth = truthOf(node);
    const images = node.images.filter(
      (image) =>
        (network === "any" || isNetworkRight(image, truth) === (network === "right")) &&
        matches(image.calls, truth, show, places),
    );
    if (images.length === 0) return [];
    const rank =
      sort === "error"
        ? Math.max(-1, ...images.map((image) => errorOf(image, truth) ?? -1))
        : sort === "wrong"
          ? wrongCalls(node)
          : 0;
    return [{ node, images, rank }];
  });
  return found.sort((a, b) => b.rank - a.rank).map(({ node, images }) => ({ node, images }));
}

function matches(
  calls: SoughtImage["calls"],
  truth: 0 | 1 | null,
  show: CaseQuestion["show"],
  places: readonly (ReadingParty & { place: number })[],
): boolean {
  const differs = (key: "reader" | "condition") => {
    const seen = new Map<string, 0 | 1>();
    return places.some((party) => {
      const call = calls[party.place] ?? null;
      if (call === null) return false;
      const before = seen.get(party[key]);
      seen.set(party[key], call);
      return before !== undefined && before !== call;
    });
  };
  switch (show) {
    case "all":
      return true;
    case "missed":
      return truth === 1 && places.some(({ place }) => calls[place] === 0);
    case "overcalled":
      return truth === 0 && places.some(({ place }) => calls[place] === 1);
    case "disagreement":
      return differs("condition");
    case "changed":
      return differs("reader");
  }
}
