import { z } from "zod";
import type { Protocol } from "@/core/protocol/protocol";
import { proposeCall, type RuleSet } from "@/core/reading/rule-set";
import { AppError } from "@/server/errors";

/** A read of an image, as far as its call goes. */
export interface CalledRead {
  condition: string;
  /** Null: the read was not evaluable. */
  call: "positive" | "negative" | null;
  criteria: unknown;
}

export interface JudgedReads {
  /** The rule sets that can judge a read: none where the form asks for no criteria. */
  ruleSets: RuleSet[];
  /** The call of a read as it was given; null: it was not evaluable. */
  asGiven: (read: Pick<CalledRead, "call">) => 0 | 1 | null;
  /** Its call by each of them, whatever was given; null where a criterion that the form asks for is not recorded. */
  underRules: (read: CalledRead, shortAxisMm: number | null) => (0 | 1 | null)[];
  /**
   * The call that the main analysis counts: by the rule set of the plan, without one as it was given; null: not evaluable.
   * @throws AppError "conflict" where the criteria that the planned rule set needs are not recorded
   */
  asPlanned: (read: CalledRead, shortAxisMm: number | null) => 0 | 1 | null;
}

/**
 * How the reads of a study are called, by the rules of its protocol. A rule set is told the size of an image only in the conditions that show it.
 * @example judgedReads(document).asPlanned({ condition: "images-only", call: "positive", criteria: { round: true } }, 6.2) // 1
 */
export function judgedReads({ analysis, conditions, form, ruleSets: all }: Protocol): JudgedReads {
  const asked = form.criteria.map(({ key }) => key);
  const ruleSets = asked.length === 0 ? [] : all;
  const showSize = new Set(conditions.flatMap(({ key, shows }) => (shows.includes("size") ? [key] : [])));
  const asGiven: JudgedReads["asGiven"] = ({ call }) => call && signOf[call];
  const underRules: JudgedReads["underRules"] = ({ condition, criteria }, size) => {
    const shortAxisMm = showSize.has(condition) ? size : null;
    return ruleSets.map((ruleSet) => judgedBy({ ruleSet, asked, criteria, shortAxisMm }));
  };
  return {
    ruleSets,
    asGiven,
    underRules,
    asPlanned: (read, shortAxisMm) => {
      if (read.call === null || analysis.ruleSet === undefined) return asGiven(read);
      const judged = underRules(read, shortAxisMm)[ruleSets.findIndex(({ key }) => key === analysis.ruleSet)] ?? null;
      if (judged === null) throw new AppError("conflict", { key: "errors.reads_without_criteria" });
      return judged;
    },
  };
}

const signOf = { positive: 1, negative: 0 } as const;

function judgedBy(about: {
  ruleSet: RuleSet;
  asked: readonly string[];
  criteria: unknown;
  shortAxisMm: number | null;
}): 0 | 1 | null {
  const seen = z.record(z.string(), z.boolean()).safeParse(about.criteria);
  if (!seen.success || about.asked.some((key) => seen.data[key] === undefined)) return null;
  const present = about.asked.filter((key) => seen.data[key]).length;
  return signOf[proposeCall({ ...about, present }).call];
}
