import { type DesignInput, type DrawnList, dealtOut, seedOfPart } from "./design";
import { sequential } from "./sequential";

/**
 * Each group of readers reads a part of the cases of its own, in every condition: parts of like numbers of patients, and a patient's cases in one. What comes late
 * of a patient goes to the group that has the patient; new patients go where fewest are.
 */
export function splitPlot(input: DesignInput & { groups: readonly (readonly string[])[] }): DrawnList[] {
  const { cases, groups, seed, drawn = [] } = input;
  const parts = new Map<string, number>();
  for (const { reader, cases: had } of drawn) {
    const part = groups.findIndex((group) => group.includes(reader));
    // Whoever left the study is in none; the others of that group have the patient still.
    if (part >= 0) for (const { patient } of had) parts.set(patient, part);
  }
  const late = [...new Set(cases.map(({ patient }) => patient))].filter((patient) => !parts.has(patient));
  const sizes = groups.map((_, group) => [...parts.values()].filter((part) => part === group).length);
  for (const [patient, group] of dealtOut(late, sizes, seedOfPart(seed, "parts"))) parts.set(patient, group);
  return groups.flatMap((readers, group) =>
    sequential({
      ...input,
      readers: readers.filter((reader) => input.readers.includes(reader)),
      cases: cases.filter(({ patient }) => parts.get(patient) === group),
    }),
  );
}

/** Readers in so many groups of like sizes, in turn. */
export const groupsOf = (readers: readonly string[], count: number): string[][] =>
  Array.from({ length: count }, (_, group) => readers.filter((_, at) => at % count === group));
