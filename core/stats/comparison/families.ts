import { adjustP } from "../groups/adjust-p";

/** Tests that Holm's adjustment takes together. */
export interface FamilyOfTests {
  kinds: string[];
  /** Tests with a P. */
  tests: number;
}

/**
 * The families as far as they have tests, with the kinds and the number of those.
 * @example familiesOf([{ kind: "reader", p: 0.02 }, { kind: "network", p: null }], [["reader", "network"]]) // [{ kinds: ["reader"], tests: 1 }]
 */
export function familiesOf(
  tests: readonly { kind: string; p: number | null }[],
  families: readonly (readonly string[])[],
): FamilyOfTests[] {
  return families.flatMap((family) => {
    const own = tests.filter(({ kind, p }) => p !== null && family.includes(kind));
    const kinds = family.filter((kind) => own.some((test) => test.kind === kind));
    return own.length === 0 ? [] : [{ kinds, tests: own.length }];
  });
}

/**
 * Holm's adjustment of tests, each kind among those of its family; null where there is no P or no family has the kind.
 * @param families kinds that are adjusted together
 * @example holmByFamily([{ kind: "reader", p: 0.02 }, { kind: "network", p: 0.03 }], [["reader"], ["network"]]) // [0.02, 0.03]
 */
export function holmByFamily(
  tests: readonly { kind: string; p: number | null }[],
  families: readonly (readonly string[])[],
): (number | null)[] {
  const adjusted: (number | null)[] = tests.map(() => null);
  for (const family of families) {
    const own = tests.flatMap(({ kind }, i) => (family.includes(kind) ? [i] : []));
    const values = adjustP(
      own.map((i) => tests[i]?.p ?? null),
      "holm",
    );
    for (const [at, i] of own.entries()) adjusted[i] = values[at] ?? null;
  }
  return adjusted;
}
