import { z } from "zod";
import type { Said } from "@/core/words";
import { problemOf } from "./problems";
import { newProtocol, type ProtocolDocument, protocol } from "./protocol";

/** A protocol as it was approved, of whatever format, in today's shape. Newer rules do not count for it. */
export const readProtocol = (stored: unknown): ProtocolDocument => protocol.parse(inFormat2(stored));

/** A protocol that comes in, checked by every rule: the document, or each problem with field, value and remedy, in no language yet. */
export function readNewProtocol(
  raw: unknown,
): { document: ProtocolDocument; problems: null } | { document: null; problems: Said[] } {
  const result = newProtocol.safeParse(inFormat2(raw), { reportInput: true });
  return result.success
    ? { document: result.data, problems: null }
    : { document: null, problems: result.error.issues.map(problemOf) };
}

// ---- format 1 ---------------------------------------------------------------------------------------------------------------

/** What changed since format 1, which said no format: sex, age and T stage stood in the code, and a condition showed the size or not. */
const format1 = z.looseObject({
  format: z.never().optional(),
  tStages: z.array(z.string()),
  regions: z.array(z.string()),
  conditions: z.array(z.looseObject({ showsSize: z.boolean() })),
  /** `unit`, `confidenceLevel`, `primary` and `multiplicity` said what was always so. */
  analysis: z.looseObject({ comparisons: z.array(z.string()) }),
});

function inFormat2(raw: unknown): unknown {
  const old = format1.safeParse(raw);
  if (!old.success) return raw;
  const { tStages, regions, conditions, analysis, ...same } = old.data;
  return {
    ...same,
    format: 2,
    baseline: baselineOfFormat1(tStages),
    regions: regions.map((region) => ({ key: region, label: region })),
    conditions: conditions.map(({ showsSize, ...condition }) => ({ ...condition, shows: showsSize ? ["size"] : [] })),
    reading: { case: "image" },
    analysis: { comparisons: analysis.comparisons },
  };
}

function baselineOfFormat1(tStages: readonly string[]) {
  const about = { visit: "enrolment", required: true };
  const tStage = { key: "t_stage", label: { en: "Clinical T stage", zh: "临床 T 分期" }, ...about };
  return {
    visits: [{ key: "enrolment", label: { en: "Enrolment", zh: "入组" } }],
    items: [
      {
        key: "sex",
        type: "choice",
        label: { en: "Sex", zh: "性别" },
        options: [
          { key: "male", label: { en: "Male", zh: "男" } },
          { key: "female", label: { en: "Female", zh: "女" } },
        ],
        ...about,
      },
      {
        key: "age_years",
        type: "number",
        label: { en: "Age at MRI", zh: "MRI 检查时年龄" },
        unit: { en: "years", zh: "岁" },
        min: 0,
        max: 120,
        decimals: 0,
        ...about,
      },
      tStages.length > 0
        ? { ...tStage, type: "choice", options: tStages.map((stage) => ({ key: stage, label: stage })) }
        : { ...tStage, type: "text" },
    ],
  };
}
