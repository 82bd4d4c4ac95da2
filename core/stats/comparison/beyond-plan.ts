import { because, type Estimated, together } from "../types";

/** What is counted once for each unit, as far as a plan can pass it by. */
interface Counted {
  rows: readonly object[];
  roc: readonly { point: object }[];
  secondary: readonly object[];
  subgroups: readonly object[];
  otherClusterings: readonly { level: string }[];
  network: { matched: readonly object[] } | null;
}
interface Comparison extends Counted {
  units: readonly Counted[];
  readings: readonly object[];
}

const postHoc = because("post_hoc");
/** Of a row of accuracy: no contrast of a plan can be in these. */
const unplanned: readonly string[] = ["ppv", "npv", "accuracy", "singlePointAuc"];

/**
 * The comparison with a caution on every estimate that the plan of the protocol does not name: other units, subgroups, other rules of the calls, accuracy and
 * predictive values, operating points, other clusterings. For whoever looks: what is stored are numbers alone.
 */
export function markBeyondPlan<T extends Comparison>(comparison: T): T {
  const { rows, network } = comparison;
  return {
    ...comparison,
    rows: rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, unplanned.includes(name) ? cautioned(value) : value]),
      ),
    ),
    secondary: cautioned(comparison.secondary),
    subgroups: cautioned(comparison.subgroups),
    otherClusterings: comparison.otherClusterings.map((each) => (each.level === "patient" ? each : cautioned(each))),
    network: network && { ...network, matched: cautioned(network.matched) },
    units: comparison.units.map(({ roc, ...counted }) => ({
      ...cautioned(counted),
      // Its curves are long and hold no estimate.
      roc: roc.map((entry) => ({ ...entry, point: cautioned(entry.point) })),
    })),
    readings: cautioned(comparison.readings),
  };
}

const isEstimated = (value: object): value is Estimated =>
  "method" in value && "estimate" in value && typeof value.estimate === "number";

/** The same with the caution on every estimate within. */
function cautioned<T>(value: T): T;
function cautioned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => cautioned(each));
  if (typeof value !== "object" || value === null) return value;
  if (isEstimated(value)) return { ...value, caution: together([value.caution, postHoc]) };
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, cautioned(inner)]));
}
