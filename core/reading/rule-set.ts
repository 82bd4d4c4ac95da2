export type Call = "positive" | "negative";

/** How many reading criteria a positive call needs, by short-axis diameter in mm. A named, versioned part of the protocol. */
export interface RuleSet {
  key: string;
  title: string;
  source: string;
  sizeHidden: { criteria: number };
  /** First match wins; `below` is exclusive, `upTo` inclusive, the last band has neither. 0 criteria: always positive. */
  sizeShown: readonly { below?: number | undefined; upTo?: number | undefined; criteria: number }[];
}

/**
 * The call that a rule set proposes.
 * @param present how many of the reading criteria are present
 * @param shortAxisMm the diameter as shown to the reader, in mm; null when it is hidden
 */
export function proposeCall({
  ruleSet,
  present,
  shortAxisMm,
}: {
  ruleSet: RuleSet;
  present: number;
  shortAxisMm: number | null;
}) {
  const band =
    shortAxisMm === null
      ? { ...ruleSet.sizeHidden, name: "size hidden" }
      : bands(ruleSet).find(
          ({ below, upTo }) =>
            (below === undefined || shortAxisMm < below) && (upTo === undefined || shortAxisMm <= upTo),
        );
  if (!band)
    throw new RangeError(
      `Rule set "${ruleSet.key}" has no band for ${shortAxisMm} mm; its last band must be without bound.`,
    );
  const call: Call = present >= band.criteria ? "positive" : "negative";
  return { call, needed: band.criteria, present, band: band.name };
}

function bands({ sizeShown }: RuleSet) {
  return sizeShown.map((band, index) => {
    const previous = sizeShown[index - 1];
    const from = previous?.below ?? previous?.upTo;
    const to = band.below ?? band.upTo;
    const name =
      to === undefined
        ? from === undefined
          ? "any size"
          : `over ${from} mm`
        : from === undefined
          ? `under ${to} mm`
          : `${from} to ${to} mm`;
    return { ...band, name };
  });
}
