import { figureNames } from "./printed";

/** The figures of a published table. The AUC of a score is not bound to the others as that of a read is, and kappa belongs to two rows. */
export const measures = [...figureNames, "scoreAuc", "kappa"] as const;
export type Measure = (typeof measures)[number];

export type Heading =
  /** Where `part` is "estimate", a heading that speaks of an interval may be that of the interval alone. */
  | { is: "figure"; measure: Measure; part: "estimate" | "lower" | "upper"; inPercent: boolean; hasInterval: boolean }
  /** Of the figure before it. */
  | { is: "interval"; part: "lower" | "upper" | "both" }
  /** `isLetter`: "P" or "N", which are positives and negatives only side by side. */
  | { is: "number"; of: "positives" | "negatives" | "images"; isLetter: boolean }
  | { is: "label" };

/** In this order: a heading is what it matches first. */
const spellings: readonly [Measure, RegExp][] = [
  ["ppv", /\bppv\b|positive predictive|\bprecision\b|阳性预测/],
  ["npv", /\bnpv\b|negative predictive|阴性预测/],
  ["scoreAuc", /(?=.*(\bauc|auroc|\broc\b|曲线下面积))(?=.*(score|rating|confidence|probabilit|评分|概率|信心))/],
  ["auc", /\bauc\b|auroc|\broc\b|balanced acc|曲线下面积|平衡准确/],
  ["sensitivity", /\bsens?\b|sensitivit|\btpr\b|true positive rate|\brecall\b|灵敏|敏感|召回|真阳性率/],
  ["specificity", /\bspec?\b|specificit|\btnr\b|true negative rate|特异|真阴性率/],
  ["accuracy", /\bacc\b|accuracy|准确|正确率|符合率/],
  ["kappa", /kappa|κ/],
];

const numbers: readonly ["positives" | "negatives" | "images", RegExp][] = [
  [
    "positives",
    /^((n|no|number)( of)? )?(pos|positives?|diseased|malignant|metastatic|阳性数?)( images| nodes| cases| 数)?$|^p$|^阳性/,
  ],
  [
    "negatives",
    /^((n|no|number)( of)? )?(neg|negatives?|healthy|benign|non metastatic|阴性数?)( images| nodes| cases| 数)?$|^阴性/,
  ],
  [
    "images",
    /^(n|total|(total |(n|no|number) of )?(images|cases|nodes|lesions|patients|crops))$|^n total$|总数|例数|图像数|幅数|样本/,
  ],
];

const label =
  /reader|observer|rater|radiologist|doctor|method|model|condition|cohort|group|name|test|algorithm|network|modality|阅片|读片|医师|医生|方法|模型|条件|组|轮|网络|名称/;

/**
 * What a heading names, in any usual spelling of English or Chinese: "Sens", "Sensitivity (%)", "特异度", "AUC (95% CI)", "PPV lower".
 * @returns null when it is not understood
 */
export function meaningOf(heading: string): Heading | null {
  const text = heading.normalize("NFKC").toLowerCase();
  const level = /\b9\d(\.\d)?\s*%?\s*-?\s*(?=ci\b|confidence|置信)/g;
  const withoutLevel = text.replace(level, " ");
  const inPercent = /%|per ?cent|百分/.test(withoutLevel);
  const plain = withoutLevel
    .replace(/[^\p{L}\p{N}+]+/gu, " ")
    .replace(/\bper ?cent\b/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  const part = /\b(lower|low|lcl|ll|lo)\b|下限/.test(plain)
    ? "lower"
    : /\b(upper|high|ucl|ul|hi)\b|上限/.test(plain)
      ? "upper"
      : null;
  const hasInterval = /\bcis?\b|confidence interval|置信/.test(plain);
  const [measure] = spellings.find(([, pattern]) => pattern.test(plain)) ?? [];
  if (measure) return { is: "figure", measure, part: part ?? "estimate", inPercent, hasInterval };
  if (part || hasInterval) return { is: "interval", part: part ?? "both" };
  const [of] = numbers.find(([, pattern]) => pattern.test(plain)) ?? [];
  if (of) return { is: "number", of, isLetter: plain === "n" || plain === "p" };
  return label.test(plain) ? { is: "label" } : null;
}
