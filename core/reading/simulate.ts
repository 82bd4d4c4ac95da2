import { normal, seededRandom } from "../random";
import { type Call, proposeCall, type RuleSet } from "./rule-set";

export type ReadingCriterion = "irregular_border" | "heterogeneous_signal" | "round_shape";

/** What a phantom node really shows, each 0 (not at all) to 1 (markedly). */
export interface NodeFeatures {
  irregular: number;
  heterogeneous: number;
  round: number;
}

export interface SimulatedRead {
  criteria: Record<ReadingCriterion, boolean>;
  proposed: Call;
  call: Call;
  /** Given exactly when the call differs from the proposed one. */
  overrideReason: string | null;
  /** 0 (a guess) to 100 (certain) that the call is right. */
  confidence: number;
  /** Time at the image in milliseconds. */
  activeMs: number;
}

/** Standard deviation, in logits, of what a reader without any skill perceives of a feature; skill 1 perceives it as it is. */
const unskilledNoise = 8;
const overrideFrom = 1.6;

/**
 * A seeded simulated reader for synthetic demonstrations: perceives the features of a phantom node with noise, ticks the criteria,
 * follows the rule set, and overrides it now and then when the whole impression speaks clearly against it. It never sees the truth.
 * With skill 0.4 to 0.65 it is right in about 60-75 % of the phantom nodes, like the readers of the founding study.
 * @param options.shortAxisMm as shown to the reader; null when hidden
 * @param options.skill 0 to 1
 */
export function simulateRead(options: {
  features: NodeFeatures;
  shortAxisMm: number | null;
  ruleSet: RuleSet;
  skill: number;
  seed: number;
}): SimulatedRead {
  const { features, shortAxisMm, ruleSet, skill } = options;
  const random = seededRandom(options.seed);
  const noise = unskilledNoise * (1 - skill);
  const perceive = (feature: number) => logit(feature) + noise * normal(random);

  const irregular = perceive(features.irregular);
  const heterogeneous = perceive(features.heterogeneous);
  const round = perceive(features.round);
  const criteria = {
    irregular_border: irregular > 0,
    heterogeneous_signal: heterogeneous > 0,
    round_shape: round > 0,
  };
  const present = Object.values(criteria).filter(Boolean).length;
  const { call: proposed } = proposeCall({ ruleSet, present, shortAxisMm });

  const spread = Math.sqrt(3 * (1 + noise ** 2));
  const impression = (irregular + heterogeneous + round) / spread + (shortAxisMm === null ? 0 : (shortAxisMm - 6) / 3);
  const towardsProposed = proposed === "positive" ? impression : -impression;
  const overrides = towardsProposed < -overrideFrom;
  const opposite = proposed === "positive" ? "negative" : "positive";
  const certainty = overrides ? -towardsProposed - overrideFrom / 2 : towardsProposed;

  return {
    criteria,
    proposed,
    call: overrides ? opposite : proposed,
    overrideReason: overrides ? "Overall impression speaks against the rule (simulated reader)." : null,
    confidence: Math.round(100 / (1 + Math.exp(-0.3 - certainty - 0.3 * normal(random)))),
    activeMs: Math.round(Math.min(90_000, 7_000 * Math.exp(0.45 * normal(random)))),
  };
}

function logit(p: number): number {
  const inside = Math.min(0.999, Math.max(0.001, p));
  return Math.log(inside / (1 - inside));
}
