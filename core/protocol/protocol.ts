import { z } from "zod";
import { tidyId } from "@/core/ids";
import { designs } from "@/core/reading/designs/design";
import { whyNotDrawn } from "@/core/reading/designs/why-not-drawn";
import { isOnScale } from "@/core/reading/rating";
import { fewestReadersForTest } from "@/core/stats/fewest-readers";
import { strangeCharacter } from "@/core/text/characters";
import type { Said } from "@/core/words";
import { analysisPlan, networkParty } from "./analysis";
import { baseline, recordDates } from "./baseline";
import { condition } from "./conditions";
import { criterion, isBuiltIn, vocabularyOf } from "./criteria";
import { checkExpression, ExpressionError, parseExpression, reserved } from "./expression";
import { imaging } from "./imaging";
import { reading, readingForm, ruleSet } from "./reading";
import { problemsOf, protocolRegimen } from "./regimen";
import { type InOneLanguage, key, option, text } from "./text";

/** As it is kept and compared (`tidyId`): readers of a published study have any codes. */
const readerCode = z
  .string()
  .refine((code) => /^.{1,20}$/u.test(code) && tidyId(code) === code, "protocol.reader_code");

/** Characters of the longest protocol that is read; the founding study's has 6,000. */
export const longestProtocol = 50_000;

/** A study protocol: everything organ-specific is here, and nothing of it in the code. */
export const protocol = z.strictObject({
  /** Of this language; documents without it are older (`read-protocol.ts`). */
  format: z.literal(2),
  key,
  title: text,
  version: z.string().trim().min(1),
  source: text.optional(),
  /** What is judged, e.g. "lymph node". */
  lesion: text,
  criteria: z.array(criterion),
  /** How many subjects are to be enrolled, and until when: what the accrual is held against. */
  accrual: z
    .strictObject({ subjects: z.int().min(1).max(100_000), until: z.iso.date("protocol.date").optional() })
    .optional(),
  baseline,
  /** Where a lesion can lie; empty: anything goes. */
  regions: z.array(option),
  /** Which lesions of a subject are studied: the largest separable one of each region. One that is not is flagged, not refused. Left out: whichever are recorded. */
  selection: z.enum(["largest-of-region"]).optional(),
  planes: z.array(z.strictObject({ key, label: text })).min(1),
  /** How scans are taken in; left out: all options, and no sequence is asked for. */
  imaging: imaging.optional(),
  conditions: z.array(condition).min(1),
  reading,
  form: readingForm,
  ruleSets: z.array(ruleSet),
  readers: z.array(readerCode).min(1),
  network: protocolRegimen,
  analysis: analysisPlan,
});

/** A protocol as it is stored, with its texts in every language that they have. */
export type ProtocolDocument = z.infer<typeof protocol>;
/** A protocol in the language of whoever reads it. */
export type Protocol = InOneLanguage<ProtocolDocument>;

/** A protocol that comes in: its parts fit each other, too. One that is stored and approved is read as it is. */
export const newProtocol = protocol.superRefine((document, context) => {
  for (const rule of [
    characterRules,
    uniqueKeys,
    optionRules,
    baselineRules,
    orderRules,
    criteriaRules,
    conditionRules,
    designRules,
    practiceRules,
    repeatsRules,
    primaryRules,
    ratingRules,
    planRules,
    ruleSetRules,
    regimenRules,
  ])
    for (const { path, problem } of rule(document))
      context.addIssue({ code: "custom", path, message: problem.key, params: problem.values });
});

interface Problem {
  path: (string | number)[];
  problem: Said;
}

/** Every text of the document; an escape of YAML can make what could not be typed. */
function* characterRules(document: unknown, path: (string | number)[] = []): Iterable<Problem> {
  if (typeof document === "string") {
    const strange = strangeCharacter(document, { lines: true });
    if (strange) yield { path, problem: { key: "fields.character", values: strange } };
  } else if (typeof document === "object" && document !== null)
    for (const [name, inner] of Object.entries(document))
      yield* characterRules(inner, [...path, Array.isArray(document) ? Number(name) : name]);
}

function* uniqueKeys(document: ProtocolDocument): Iterable<Problem> {
  const keys = (items: readonly { key: string }[]) => items.map((item) => item.key);
  const lists: [path: (string | number)[], keys: readonly string[]][] = [
    [["criteria"], keys(document.criteria)],
    [["baseline", "visits"], keys(document.baseline.visits)],
    [["baseline", "items"], keys(document.baseline.items)],
    ...document.baseline.items.flatMap((item, at): (typeof lists)[number][] =>
      item.type === "choice" ? [[["baseline", "items", at, "options"], keys(item.options)]] : [],
    ),
    [["baseline", "order"], document.baseline.order ?? []],
    [["regions"], keys(document.regions)],
    [["planes"], keys(document.planes)],
    [["imaging", "sequences"], keys(document.imaging?.sequences ?? [])],
    [["imaging", "qualityReasons"], keys(document.imaging?.qualityReasons ?? [])],
    [["conditions"], keys(document.conditions)],
    ...document.conditions.map(({ shows }, at): (typeof lists)[number] => [["conditions", at, "shows"], shows]),
    [["reading", "practice", "conditions"], document.reading.practice?.conditions ?? []],
    [["reading", "repeats", "conditions"], document.reading.repeats?.conditions ?? []],
    [["form", "criteria"], keys(document.form.criteria)],
    [["form", "notEvaluable", "reasons"], keys(document.form.notEvaluable?.reasons ?? [])],
    [["ruleSets"], keys(document.ruleSets)],
    [["readers"], document.readers],
    [["analysis", "comparisons"], document.analysis.comparisons],
  ];
  for (const [path, all] of lists) {
    // Codes of people are the same in small letters and capitals.
    const compared = path[0] === "readers" ? all.map((code) => code.toLowerCase()) : all;
    const twice = all.find((_, at) => compared.indexOf(compared[at] ?? "") < at);
    if (twice !== undefined) yield { path, problem: { key: "protocol.twice", values: { key: twice } } };
  }
}

/** Characters of the longest key of an option. */
const longestOption = 120;

function* optionRules({ baseline: { items }, regions }: ProtocolDocument): Iterable<Problem> {
  const lists: [path: (string | number)[], options: readonly { key: string }[]][] = [
    ...items.flatMap((item, at): (typeof lists)[number][] =>
      item.type === "choice" ? [[["baseline", "items", at, "options"], item.options]] : [],
    ),
    [["regions"], regions],
  ];
  for (const [path, options] of lists)
    for (const [at, { key }] of options.entries())
      if (key.length > longestOption)
        yield {
          path: [...path, at, "key"],
          problem: { key: "protocol.option_long", values: { key: key.slice(0, 60), limit: longestOption } },
        };
}

function* baselineRules({ baseline: { visits, items } }: ProtocolDocument): Iterable<Problem> {
  for (const [at, item] of items.entries()) {
    const path = ["baseline", "items", at];
    if (isBuiltIn(item.key))
      yield { path: [...path, "key"], problem: { key: "protocol.item_of_the_records", values: { item: item.key } } };
    if (reserved.includes(item.key))
      yield { path: [...path, "key"], problem: { key: "protocol.item_reserved", values: { item: item.key } } };
    if (!visits.some((visit) => visit.key === item.visit))
      yield {
        path: [...path, "visit"],
        problem: { key: "protocol.visit_unknown", values: { visit: item.visit, known: listed(visits) } },
      };
    if (item.type === "number" && item.min !== undefined && item.max !== undefined && item.min > item.max)
      yield {
        path: [...path, "min"],
        problem: { key: "protocol.numbers_exchanged", values: { min: String(item.min), max: String(item.max) } },
      };
    if (item.type === "date" && isDay(item.notBefore) && isDay(item.notAfter) && item.notBefore > item.notAfter)
      yield {
        path: [...path, "notBefore"],
        problem: { key: "protocol.days_exchanged", values: { first: item.notBefore, last: item.notAfter } },
      };
  }
}

const isDay = (bound: string | undefined): bound is string => bound !== undefined && bound !== "today";

function* orderRules({ baseline: { items, order = [] } }: ProtocolDocument): Iterable<Problem> {
  const known = [...Object.keys(recordDates), ...items.filter(({ type }) => type === "date").map(({ key }) => key)];
  for (const [at, date] of order.entries())
    if (!known.includes(date))
      yield {
        path: ["baseline", "order", at],
        problem: { key: "protocol.order_unknown", values: { date, known: known.join(", ") } },
      };
}

function* criteriaRules({ criteria, baseline: { items } }: ProtocolDocument): Iterable<Problem> {
  const vocabulary = vocabularyOf(items);
  for (const [at, { computed }] of criteria.entries()) {
    if (computed === undefined) continue;
    try {
      checkExpression(parseExpression(computed), vocabulary);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      yield {
        path: ["criteria", at, "computed"],
        problem: { key: "protocol.computed", values: { computed, problem: error.said } },
      };
    }
  }
}

function* conditionRules({ conditions }: ProtocolDocument): Iterable<Problem> {
  for (const [at, { repeats, shows }] of conditions.entries()) {
    if (repeats === undefined) continue;
    const path = ["conditions", at, "repeats"];
    const earlier = conditions.slice(0, at);
    const first = earlier.find((each) => each.key === repeats);
    if (!first)
      yield {
        path,
        problem: { key: "protocol.repeats_unknown", values: { repeats, known: listed(earlier) } },
      };
    else if ([...first.shows].sort().join() !== [...shows].sort().join())
      yield { path, problem: { key: "protocol.repeats_other", values: { repeats } } };
  }
}

/** A design that is in force is drawn, and nobody is shown more of a case before it is read without. */
function* designRules({ reading: { design = "sequential" }, conditions }: ProtocolDocument): Iterable<Problem> {
  const why = whyNotDrawn(design, conditions);
  if (!why) return;
  const { kind, ...named } = why;
  const drawn = designs.filter((each) => !whyNotDrawn(each, conditions)).join(", ");
  yield {
    path: ["reading", "design"],
    problem:
      kind === "shows"
        ? { key: "protocol.design_shows", values: { design, ...named } }
        : { key: "protocol.design_undrawn", values: { design, drawn } },
  };
}

function* practiceRules({ reading: { practice }, conditions }: ProtocolDocument): Iterable<Problem> {
  // The database keeps six decimals, so that two thirds would be a share that two of three miss.
  if (
    practice &&
    practice.passMark > 0 &&
    practice.passMark <= 1 &&
    Number(practice.passMark.toFixed(2)) !== practice.passMark
  )
    yield {
      path: ["reading", "practice", "passMark"],
      problem: { key: "protocol.practice_mark", values: { mark: String(practice.passMark) } },
    };
  yield* unknownConditions("practice", practice?.conditions, conditions);
}

function* repeatsRules({ reading: { repeats }, conditions }: ProtocolDocument): Iterable<Problem> {
  yield* unknownConditions("repeats", repeats?.conditions, conditions);
}

function* unknownConditions(
  field: "practice" | "repeats",
  names: readonly string[] = [],
  conditions: ProtocolDocument["conditions"],
): Iterable<Problem> {
  for (const [at, named] of names.entries())
    if (!conditions.some((condition) => condition.key === named))
      yield {
        path: ["reading", field, "conditions", at],
        problem: { key: "protocol.condition_unknown", values: { named, known: listed(conditions) } },
      };
}

function* primaryRules({
  conditions,
  form,
  readers,
  analysis: { comparisons, primary },
}: ProtocolDocument): Iterable<Problem> {
  if (!primary) return;
  const path = (field: string) => ["analysis", "primary", field];
  const known = conditions.map((condition) => condition.key);
  if (known.includes(networkParty))
    yield { path: ["conditions", known.indexOf(networkParty), "key"], problem: { key: "protocol.condition_network" } };
  for (const field of ["first", "second"] as const) {
    const named = primary[field];
    if (!known.includes(named) && !(field === "first" && named === networkParty))
      yield {
        path: path(field),
        problem: { key: "protocol.primary_unknown", values: { named, known: listed(conditions) } },
      };
  }
  if (primary.first === primary.second) yield { path: path("second"), problem: { key: "protocol.primary_same" } };
  const repeated = conditions.filter((condition) => condition.repeats !== undefined).map((condition) => condition.key);
  for (const field of ["first", "second"] as const)
    if (repeated.includes(primary[field]))
      yield { path: path(field), problem: { key: "protocol.primary_repeats", values: { named: primary[field] } } };
  if (primary.measure === "auc" && !form.confidence && !form.rating)
    yield { path: path("measure"), problem: { key: "protocol.primary_unrated" } };
  if (primary.readers === "random" && readers.length < fewestReadersForTest)
    yield {
      path: path("readers"),
      problem: { key: "protocol.primary_few_readers", values: { fewest: fewestReadersForTest } },
    };
  const kind = primary.first === networkParty ? "network" : "condition";
  if (!comparisons.includes(kind))
    yield { path: ["analysis", "comparisons"], problem: { key: "protocol.primary_not_compared", values: { kind } } };
}

function* ratingRules({ form: { rating, ruleSet } }: ProtocolDocument): Iterable<Problem> {
  if (!rating) return;
  const { min, max, step, positiveFrom } = rating;
  const path = (field: string) => ["form", "rating", field];
  if (min >= max)
    yield {
      path: path("min"),
      problem: { key: "protocol.rating_ends", values: { min: String(min), max: String(max) } },
    };
  else if (!isOnScale(rating, max))
    yield {
      path: path("step"),
      problem: {
        key: "protocol.rating_step",
        values: { step: String(step), min: String(min), max: String(max) },
      },
    };
  else if (positiveFrom !== undefined && (positiveFrom === min || !isOnScale(rating, positiveFrom)))
    yield {
      path: path("positiveFrom"),
      problem: {
        key: "protocol.rating_cutoff",
        values: { value: String(positiveFrom), min: String(min), max: String(max) },
      },
    };
  if (positiveFrom !== undefined && ruleSet !== undefined)
    yield { path: path("positiveFrom"), problem: { key: "protocol.rating_and_rules", values: { ruleSet } } };
}

function* planRules({ ruleSets, planes, regions, analysis }: ProtocolDocument): Iterable<Problem> {
  const { comparisons, families = [], ruleSet, exclusions = {} } = analysis;
  const kinds = families.flat();
  for (const kind of new Set([...comparisons, ...kinds]))
    if (families.length > 0 && (!comparisons.includes(kind) || kinds.filter((each) => each === kind).length !== 1))
      yield { path: ["analysis", "families"], problem: { key: "protocol.families", values: { kind } } };
  if (ruleSet !== undefined && !ruleSets.some((set) => set.key === ruleSet))
    yield {
      path: ["analysis", "ruleSet"],
      problem: { key: "protocol.rule_set_unknown", values: { ruleSet, known: listed(ruleSets) } },
    };
  for (const [field, known] of [
    ["planes", planes],
    ["regions", regions],
  ] as const)
    for (const named of exclusions[field] ?? [])
      if (!known.some((each) => each.key === named))
        yield {
          path: ["analysis", "exclusions", field],
          problem: { key: "protocol.exclusion_unknown", values: { named, known: listed(known) } },
        };
}

function* ruleSetRules({ form, ruleSets, analysis }: ProtocolDocument): Iterable<Problem> {
  if (form.ruleSet && !ruleSets.some((set) => set.key === form.ruleSet))
    yield {
      path: ["form", "ruleSet"],
      problem: { key: "protocol.rule_set_unknown", values: { ruleSet: form.ruleSet, known: listed(ruleSets) } },
    };
  for (const [at, { key, sizeHidden, sizeShown }] of ruleSets.entries()) {
    const last = sizeShown.at(-1);
    if (last && (last.below !== undefined || last.upTo !== undefined))
      yield {
        path: ["ruleSets", at, "sizeShown"],
        problem: { key: "protocol.last_band" },
      };
    // The calls of a form without criteria are judged by no rule set (`judgedReads`): none is planned for it.
    const fewest = key === analysis.ruleSet ? 1 : 0;
    const most = Math.max(fewest, ...[sizeHidden, ...sizeShown].map((rule) => rule.criteria));
    if (most > form.criteria.length)
      yield {
        path: ["ruleSets", at],
        problem: { key: "protocol.criteria_many", values: { most, there: form.criteria.length } },
      };
  }
}

function* regimenRules({ network }: ProtocolDocument): Iterable<Problem> {
  for (const problem of problemsOf(network)) yield { path: ["network"], problem };
}

const listed = (items: readonly { key: string }[]): string | Said =>
  items.map((item) => item.key).join(", ") || { key: "protocol.none" };
