import { normal, seededRandom, seedOf, shuffled } from "../random";

export interface PhantomNode {
  region: string;
  /** Short-axis diameter in mm, to a tenth. */
  shortAxisMm: number;
  positive: boolean;
  /** The planes in which the node can be seen, at least one. */
  planes: string[];
  /** For `drawNode`. */
  seed: number;
}

export interface PhantomSubject {
  /** Of the founding study's items (`protocols/li-2021.yaml`), by key. */
  values: Record<string, number | string>;
  nodes: PhantomNode[];
}

/**
 * The founding study's figures (Li et al., Quant Imaging Med Surg 2021;11:2477): 83 of 129 male, 33-80 years, T2 21, T3 105, T4a 3;
 * 99 of 227 nodes positive; 644 images of 681 (node, plane) pairs; 4-22 mm positive, 3-9 mm negative.
 */
const founding = { male: 83 / 129, t2: 21 / 129, t4a: 3 / 129, positive: 99 / 227, seenInPlane: 644 / 681 };
const diameterMm = {
  positive: { median: 6.8, logDeviation: 0.38, from: 4, to: 22 },
  negative: { median: 5.2, logDeviation: 0.27, from: 3, to: 9 },
};

/**
 * A synthetic study population after the founding study, with every patient holding at least one node.
 * @throws RangeError when there are fewer nodes than subjects, or no subject, plane or region
 */
export function drawStudy(options: {
  seed: number;
  subjects: number;
  nodes: number;
  planes: readonly string[];
  regions: readonly string[];
}): PhantomSubject[] {
  const { seed, subjects, nodes, planes, regions } = options;
  if (subjects < 1 || planes.length === 0 || regions.length === 0)
    throw new RangeError("A phantom study needs at least one subject, one plane and one region.");
  if (nodes < subjects)
    throw new RangeError(`${nodes} nodes are too few for ${subjects} subjects; each has at least one.`);
  const random = seededRandom(seedOf(seed, "study"));
  const positives = Math.round(nodes * founding.positive);
  const truths = shuffled(
    Array.from({ length: nodes }, (_, i) => i < positives),
    seedOf(seed, "truth"),
  );

  const population = Array.from({ length: subjects }, (): PhantomSubject => {
    const stage = random();
    return {
      values: {
        sex: random() < founding.male ? "male" : "female",
        age_years: Math.round(clamp(59 + 10 * normal(random), 33, 80)),
        t_stage: stage < founding.t2 ? "T2" : stage < 1 - founding.t4a ? "T3" : "T4a",
      },
      nodes: [],
    };
  });
  for (const [index, positive] of truths.entries()) {
    const owner = population[index < subjects ? index : Math.floor(random() * subjects)];
    const { median, logDeviation, from, to } = positive ? diameterMm.positive : diameterMm.negative;
    const seen = planes.filter(() => random() < founding.seenInPlane);
    owner?.nodes.push({
      region: regions[Math.floor(random() * regions.length)] ?? "",
      shortAxisMm: Math.round(10 * clamp(median * Math.exp(logDeviation * normal(random)), from, to)) / 10,
      positive,
      planes: seen.length > 0 ? seen : planes.slice(0, 1),
      seed: seedOf(seed, "node", index),
    });
  }
  return population;
}

const clamp = (value: number, from: number, to: number) => Math.min(to, Math.max(from, value));
