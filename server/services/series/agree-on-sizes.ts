import { blandAltman } from "@/core/stats/agreement/bland-altman";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { listMeasurements } from "./list-measurements";

type Measured = Awaited<ReturnType<typeof listMeasurements>>[number];

/** Nodes measured twice, below which no limits are told. */
const fewestNodes = 3;

/**
 * How far short axes that were measured twice in images lie apart, as limits of agreement clustered by patient: of one person's first and second measurement of a
 * node, and of two persons' first ones. Sizes that were typed are left out: nothing says where they are from. None for fewer than three such nodes.
 */
export async function agreeOnSizes(tx: Tx, actor: StudyActor) {
  const measured = (await listMeasurements(tx, actor)).filter(({ repeat }) => repeat !== null);
  const nodes = new Map<string, Measured[]>();
  for (const each of measured) {
    const key = `${each.subjectId} ${each.node}`;
    nodes.set(key, [...(nodes.get(key) ?? []), each]);
  }
  const people = [...new Set(measured.map(({ measurer }) => measurer))].sort((a, b) => a - b);
  const comparisons = people.flatMap((first, at) => people.slice(at).map((second) => ({ first, second })));
  return comparisons.flatMap(({ first, second }) => {
    const pairs = [...nodes.values()].flatMap((of) => {
      const own = (measurer: number, repeat: number) =>
        of.find((each) => each.measurer === measurer && each.repeat === repeat);
      const [a, b] = [own(first, 1), first === second ? own(first, 2) : own(second, 1)];
      return a && b ? [{ a, b }] : [];
    });
    if (pairs.length < fewestNodes) return [];
    const {
      bias,
      lowerLimit,
      upperLimit,
      pairs: count,
      subjects,
      cautions,
    } = blandAltman({
      first: pairs.map(({ a }) => a.shortAxisMm),
      second: pairs.map(({ b }) => b.shortAxisMm),
      subject: pairs.map(({ a }) => a.subjectId),
    });
    return [{ first, second, nodes: count, subjects, bias, lowerLimit, upperLimit, cautions }];
  });
}
