import { agreementIntervals } from "./agreement-methods";
import { bootstrapIntervals, clusteredIntervals, clusteredTests } from "./clustered-methods";
import { type ClusteredModel, type Clustering, positiveNodes } from "./clustered-model";
import type { ClusteredReadersModel } from "./clustered-readers";
import { clusteredReadersIntervals, roeMetzIntervals } from "./reader-methods";
import type { Area, RoeMetzModel, Structure } from "./roe-metz";
import type { Simulation } from "./simulate";

export const clusterings = {
  strong: { patient: 0.25, node: 0.35 },
  weak: { patient: 0.05, node: 0.1 },
  none: { patient: 0, node: 0 },
} as const satisfies Record<string, Clustering>;

/** Of a bootstrap interval. */
export const replicates = 500;

/** Of scores of the same image given the truth. */
export const correlation = 0.6;

type Strength = keyof typeof clusterings;
type Geometry = readonly [patients: number, strength: Strength, first: number, second: number, positive?: number];

const geometries: readonly Geometry[] = [
  [129, "strong", 0.85, 0.8],
  [129, "weak", 0.85, 0.8],
  [129, "none", 0.85, 0.8],
  [129, "strong", 0.95, 0.92],
  [129, "strong", 0.99, 0.97],
  [60, "strong", 0.85, 0.8],
  [30, "strong", 0.85, 0.8],
  [30, "strong", 0.99, 0.97],
  [20, "strong", 0.85, 0.8],
  [10, "strong", 0.85, 0.8],
  [80, "strong", 0.85, 0.8],
  [129, "strong", 0.85, 0.8, 0.15],
  [200, "strong", 0.85, 0.8, 0.15],
  [400, "strong", 0.85, 0.8, 0.08],
  [600, "strong", 0.85, 0.8, 0.05],
];

const bootstrapped: readonly Geometry[] = [
  [129, "strong", 0.85, 0.8],
  [129, "strong", 0.99, 0.97],
  [30, "strong", 0.85, 0.8],
  [30, "strong", 0.99, 0.97],
  [20, "strong", 0.85, 0.8],
  [10, "strong", 0.85, 0.8],
];

const equal: readonly Geometry[] = [
  [129, "strong", 0.85, 0.85],
  [129, "weak", 0.85, 0.85],
  [129, "none", 0.85, 0.85],
  [129, "strong", 0.99, 0.99],
  [60, "strong", 0.85, 0.85],
  [30, "strong", 0.85, 0.85],
  [20, "strong", 0.85, 0.85],
  [10, "strong", 0.85, 0.85],
  [80, "strong", 0.85, 0.85],
  [129, "strong", 0.85, 0.85, 0.15],
  [200, "strong", 0.85, 0.85, 0.15],
  [400, "strong", 0.85, 0.85, 0.08],
  [600, "strong", 0.85, 0.85, 0.05],
];

const agreements: readonly [patients: number, strength: Strength, area: number, positive?: number][] = [
  [129, "strong", 0.85],
  [129, "weak", 0.85],
  [129, "strong", 0.95],
  [60, "strong", 0.85],
  [40, "strong", 0.85],
  [20, "strong", 0.85],
  [400, "strong", 0.85, 0.05],
];

const structures = ["HL", "LL", "HH", "LH"] as const satisfies Structure[];
const areas = [0.702, 0.855, 0.962] as const satisfies Area[];

/** Every structure and area with 5 readers and 50 + 50 cases; then other numbers of readers and cases. */
const roeMetzModels: readonly RoeMetzModel[] = [
  ...structures.flatMap((structure) => areas.map((area) => ({ structure, area, readers: 5, cases: 50 }))),
  ...[3, 5, 10].flatMap((readers) =>
    [25, 50, 100]
      .filter((cases) => readers !== 5 || cases !== 50)
      .map((cases) => ({ structure: "HH" as const, area: 0.855 as const, readers, cases })),
  ),
  { structure: "LL", area: 0.855, readers: 3, cases: 25 },
  { structure: "LL", area: 0.855, readers: 3, cases: 100 },
  { structure: "LL", area: 0.855, readers: 10, cases: 25 },
  { structure: "HL", area: 0.962, readers: 3, cases: 25 },
];

const clusteredReaders = (patients: number, readers: number): ClusteredReadersModel => ({
  ...{ patients, readers, correlation, clustering: clusterings.strong },
  ...{ first: 0.85, second: 0.8, network: 0.9, ofReaders: 0.2, ofReadersByCondition: 0.1 },
});

function inWords([patients, strength, first, second, positive]: Geometry): string {
  const areas = first === second ? `${first}` : `${first} / ${second}`;
  const share = positive === undefined ? "" : `, ${100 * positive} % of the nodes positive`;
  return `${patients} patients, ${strength === "none" ? "no" : strength} clustering, AUC ${areas}${share}`;
}

const modelOf = ([patients, strength, first, second, positive = positiveNodes]: Geometry): ClusteredModel => {
  return { patients, positive, clustering: clusterings[strength], correlation, first, second };
};

/** Null hypotheses take all the repetitions asked for, cheap intervals half, bootstrap and readers a fifth. */
export function planned(repetitions: number): Simulation[] {
  const part = (share: number) => Math.max(1, Math.round(repetitions * share));
  return [
    ...geometries.map((geometry) => ({
      ...{ family: "intervals", setting: inWords(geometry), repetitions: part(0.5) },
      study: clusteredIntervals(modelOf(geometry)),
    })),
    ...bootstrapped.map((geometry) => ({
      ...{ family: "bootstrap", setting: inWords(geometry), repetitions: part(0.2) },
      study: bootstrapIntervals(modelOf(geometry), replicates),
    })),
    ...equal.map((geometry) => ({
      ...{ family: "tests", setting: inWords(geometry), repetitions },
      study: clusteredTests(modelOf(geometry)),
    })),
    ...roeMetzModels.map((model) => ({
      family: "Roe-Metz",
      setting: `${model.structure}, AUC ${model.area}, ${model.readers} readers, ${model.cases} + ${model.cases} cases`,
      repetitions: part(0.2),
      study: roeMetzIntervals(model),
    })),
    ...(
      [
        [129, 2],
        [129, 5],
        [30, 2],
        [30, 5],
      ] as const
    ).map(([patients, readers]) => ({
      family: "clustered readers",
      setting: `${patients} patients, ${readers} readers`,
      repetitions: part(0.2),
      study: clusteredReadersIntervals(clusteredReaders(patients, readers)),
    })),
    ...agreements.map(([patients, strength, area, positive]) => ({
      family: "agreement",
      setting: inWords([patients, strength, area, area, positive]),
      repetitions: part(0.1),
      study: agreementIntervals({
        ...{ patients, positive: positive ?? positiveNodes, clustering: clusterings[strength], correlation, area },
      }),
    })),
  ];
}
