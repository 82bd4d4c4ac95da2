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
      : bands(ruleSet).find((band) => holds(band, shortAxisMm));
  if (!band)
    throw new RangeError(
      `Rule set "${ruleSet.key}" has no band for ${shortAxisMm} mm; its last band must be without bound.`,
    );
  const call: Call = present >= band.criteria ? "positive" : "negative";
  return { call, needed: band.criteria, present, band: band.name };
}

/** The classes of size that a rule set tells apart, smallest first, in any language: "<5 mm", "5-9 mm", ">9 mm". */
export const sizeClasses = (ruleSet: RuleSet): string[] => bands(ruleSet).map(({ symbol }) => symbol);

/** The class of a diameter; null where the rule set has none. */
export const sizeClassOf = (ruleSet: RuleSet, shortAxisMm: number): string | null =>
  bands(ruleSet).find((band) => holds(band, shortAxisMm))?.symbol ?? null;

const holds = ({ below, upTo }: RuleSet["sizeShown"][number], mm: number): boolean =>
  (below === undefined || mm < below) && (upTo === undefined || mm <= upTo);

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
    const past = previous?.upTo === undefined ? "≥" : ">";
    const symbol =
      to === undefined
        ? from === undefined
          ? "all"
          : `${past}${from} mm`
        : from === undefined
          ? `${band.below === undefined ? "≤" : "<"}${to} mm`
          : `${from}-${to} mm`;
    return { ...band, name, symbol };
  });
}
