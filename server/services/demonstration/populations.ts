import type { CriterionAnswer } from "@/core/eligibility/assess";
import { drawStudy, type PhantomSubject } from "@/core/phantom/study";
import type { Protocol } from "@/core/protocol/protocol";

/** One screened patient of a demonstration, and how far the study has come with it. */
export interface DemonstrationSubject {
  /** 001, 002, ... */
  number: string;
  /** criterion key -> answer */
  answers: Record<string, CriterionAnswer>;
  /** Days from MRI to surgery, as far as they are planned; they agree with the answers. */
  surgeryAfterDays: number | null;
  enrolled: boolean;
  phantom: PhantomSubject;
  /** How much of the phantom is in the record: none of its nodes, nodes without crops, or everything. */
  imaging: "none" | "nodes" | "crops";
  /** Whether the images of its exam are there, as a scanner sent them. */
  scanned?: boolean;
  /** Whether pathology has reported its nodes. */
  reported: boolean;
}

type Stage = Omit<DemonstrationSubject, "number" | "phantom" | "surgeryAfterDays">;

const surgeryAfterDays = { met: 9, not_met: 23, unknown: null } as const;
const surgeryAsAnswered = ({ surgery_2_weeks = "unknown" }: Record<string, CriterionAnswer>) =>
  surgeryAfterDays[surgery_2_weeks];

/** How far each reader is, as a fraction of each condition in order. */
export type ReadingProgress = Record<string, readonly number[]>;

export interface Demonstration {
  name: string;
  seed: number;
  subjects: DemonstrationSubject[];
  reading: ReadingProgress;
}

const number = (index: number) => String(index + 1).padStart(3, "0");

/** Answers that make a patient eligible, with the given ones instead. */
function answersTo(document: Protocol, instead: Record<string, CriterionAnswer> = {}): Record<string, CriterionAnswer> {
  const met = (kind: "inclusion" | "exclusion") => (kind === "inclusion" ? "met" : "not_met");
  return Object.fromEntries(document.criteria.map(({ key, kind }) => [key, instead[key] ?? met(kind)]));
}

const phantoms = (document: Protocol, options: { seed: number; subjects: number; nodes: number }) =>
  drawStudy({
    ...options,
    planes: document.planes.map(({ key }) => key),
    regions: document.regions.map(({ key }) => key),
  });

/** Why patients of the founding study's kind are not enrolled. */
const failures: Record<string, CriterionAnswer>[] = [
  { neoadjuvant: "met", untreated: "not_met" },
  { surgery_2_weeks: "not_met" },
  { node_on_mri: "not_met" },
  { unsatisfactory_scan: "met" },
  { short_axis_3_mm: "not_met" },
  { poor_tolerance: "met" },
];

/** A finished study: 60 patients with 100 nodes, and six screened in vain. */
function lockedDemonstration(document: Protocol): Demonstration {
  const seed = 2021;
  const enrolled = 60;
  const population = [
    ...phantoms(document, { seed, subjects: enrolled, nodes: 100 }),
    ...phantoms(document, { seed: seed + 1, subjects: failures.length, nodes: failures.length }),
  ];
  return {
    name: "Demonstration, locked",
    seed,
    subjects: population.map((phantom, index) => {
      const failure = failures[index - enrolled];
      const answers = answersTo(document, failure);
      return {
        number: number(index),
        answers,
        surgeryAfterDays: surgeryAsAnswered(answers),
        enrolled: !failure,
        phantom,
        imaging: failure ? "none" : "crops",
        reported: !failure,
      };
    }),
    reading: { R2: [1, 1], R3: [1, 1] },
  };
}

/**
 * A running study in which every role finds work: patients to assess and to enrol, nodes to add and crops to upload, cases to read
 * (R2 in the middle of Cohort 1, R3 at the beginning of Cohort 2), nodes to match and report.
 */
function runningDemonstration(document: Protocol): Demonstration {
  const seed = 2026;
  const stages: Stage[] = [
    ...times<Stage>(6, { answers: answersTo(document), enrolled: true, imaging: "crops", reported: true }),
    ...times<Stage>(6, { answers: answersTo(document), enrolled: true, imaging: "crops", reported: false }),
    ...(["nodes", "none"] as const).flatMap((imaging): Stage[] => {
      const stage: Stage = { answers: answersTo(document), enrolled: true, imaging, reported: false };
      return [{ ...stage, scanned: true }, stage];
    }),
    ...times<Stage>(3, { answers: answersTo(document), enrolled: false, imaging: "none", reported: false }),
    ...failures.slice(0, 3).map((failure) => ({ ...waiting, answers: answersTo(document, failure) })),
    { ...waiting, answers: answersTo(document, { node_on_mri: "unknown", short_axis_3_mm: "unknown" }) },
    { ...waiting, answers: answersTo(document, { surgery_2_weeks: "unknown" }) },
  ];
  const population = phantoms(document, { seed, subjects: stages.length, nodes: stages.length + 8 });
  return {
    name: "Demonstration, running",
    seed,
    subjects: population.flatMap((phantom, index) => {
      const stage = stages[index];
      if (!stage) return [];
      return [{ number: number(index), phantom, surgeryAfterDays: surgeryAsAnswered(stage.answers), ...stage }];
    }),
    reading: { R2: [0.5, 0], R3: [1, 0] },
  };
}

const waiting = { enrolled: false, imaging: "none", reported: false } as const;

function times<T>(count: number, item: T): T[] {
  return Array.from({ length: count }, () => item);
}

/** The two studies of the demonstration. */
export const populations = (document: Protocol): { locked: Demonstration; running: Demonstration } => ({
  locked: lockedDemonstration(document),
  running: runningDemonstration(document),
});
