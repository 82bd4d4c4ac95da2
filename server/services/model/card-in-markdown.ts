import { finalFold } from "@/core/network/folds";
import { type Line, regimenInWords, type Words, wordsOf } from "@/core/protocol/regimen-in-words";
import { contradictionInWords } from "@/core/splits/contradictions";
import { apart, type Estimate } from "@/core/stats/types";
import { type Locale, type Said, sayIn } from "@/core/words";
import type { datasetItem, runFold } from "@/db/schema";
import type { Contradiction } from "@/server/schemas/leakage";
import type { Run, RunResult, SweepResult } from "@/server/schemas/model";
import { commandFor } from "./command-for";

/** The records that a card is made of. */
export interface CardFacts {
  study: { name: string; slug: string; synthetic: boolean };
  protocol: { key: string; version: string; sha256: string };
  run: Run;
  items: readonly (typeof datasetItem.$inferSelect)[];
  folds: readonly (typeof runFold.$inferSelect)[];
  result: RunResult;
  cautions: readonly Said[];
  /** Images that are the same picture and stand for opposite truths. */
  contradictions: readonly Contradiction[];
  /**
   * Controls and baselines of the run, oldest first; what was compared is null while one is not done. AUC of the run less that of the companion,
   * or the reason why the two are not paired.
   */
  companions: readonly {
    run: Run;
    compared: { result: RunResult; n: number; difference: Estimate; p: number | null } | null;
  }[];
  sweep: SweepResult | null;
  /** How many other runs of the study are done, companions not counted: among so many this one may have been chosen. */
  rivals: number;
}

/**
 * A model card with the sections of Mitchell M et al. Model cards for model reporting. FAT* 2019:220-229 (doi 10.1145/3287560.3287596).
 * Pure: it holds nothing that is not in the records. A language has its own words; names and numbers are the same in all.
 */
export function cardInMarkdown(facts: CardFacts, locale: Locale): string {
  const { study, run, cautions } = facts;
  const say = sayIn(locale);
  const words = wordsOf(say);
  const warnings = [
    words("card.not_clinical"),
    ...(study.synthetic ? [words("card.synthetic")] : []),
    ...cautions.map((caution) => words("card.caution", { caution: plain(upper(say(caution))) })),
    ...(run.companionOf ? [words("card.is_companion", { run: run.companionOf })] : []),
  ];
  return `${[
    words("card.title", { run: run.id }),
    warnings.map((warning) => `> ${warning}`).join("\n>\n"),
    section(words("card.section.details"), details(facts, words, say)),
    section(words("card.section.use"), intendedUse(facts, words)),
    section(words("card.section.factors"), factors(facts, words)),
    section(words("card.section.metrics"), metrics(facts, words)),
    section(words("card.section.evaluation"), evaluationData(facts, words, say)),
    section(words("card.section.training"), trainingData(facts, words)),
    section(words("card.section.analyses"), analyses(facts, words, say)),
    section(words("card.section.ethics"), ethics(facts, words)),
    section(words("card.section.caveats"), caveats(facts, words, say)),
    section(words("card.section.repeat"), repeat(facts, words)),
  ].join("\n\n")}\n`;
}

const section = (title: string, parts: readonly string[]) => [`## ${title}`, ...parts].join("\n\n");
const list = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join("\n");
const defined = (lines: readonly Line[]) => list(lines.map(([label, text]) => `**${label}**: ${text}`));
const table = (header: readonly string[], rows: readonly (readonly string[])[]) =>
  [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** Text that people wrote: on one line, and never markup. */
const plain = (text: string) => text.replaceAll(/\s+/g, " ").replaceAll(/[\\`*_[\]<>|#]/g, (sign) => `\\${sign}`);
const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
const day = (words: Words, date: Date | null) => date?.toISOString().slice(0, 10) ?? words("card.unknown_day");
const number = (value: number | null | undefined, digits = 3) =>
  value === null || value === undefined ? "-" : value.toFixed(digits);
const share = (part: number, whole: number) => (whole === 0 ? "-" : `${((100 * part) / whole).toFixed(1)} %`);
const foldName = (words: Words, fold: number) => (fold === finalFold ? words("card.all_folds") : String(fold + 1));
const pValue = (p: number | null) => (p === null ? "-" : p < 0.001 ? "< 0.001" : p.toFixed(3));

function figure(label: string, estimate: Estimate, words: Words, say: (said: Said) => string): string[] {
  if (estimate.estimate === null)
    return [label, "-", "-", String(estimate.n), say(estimate.method), plain(say(estimate.reason))];
  const interval =
    estimate.lower === null || estimate.upper === null
      ? "-"
      : words("card.interval", { lower: number(estimate.lower), upper: number(estimate.upper) });
  return [
    label,
    number(estimate.estimate),
    interval,
    String(estimate.n),
    say(estimate.method),
    plain(estimate.caution ? say(estimate.caution) : ""),
  ];
}

/** Of a run on an NVIDIA card: what, beside its name, tells one from another. */
function cardLines({ device, card }: NonNullable<Run["environment"]>, words: Words): Line[] {
  if (!card) return [];
  const { computeCapability, driver, cuda, cudnn } = card;
  const versions = { driver: plain(driver), cuda: plain(cuda), cudnn: plain(cudnn) };
  return [[words("card.label.card"), words("card.card", { name: plain(device), computeCapability, ...versions })]];
}

function details({ run, study, protocol, folds }: CardFacts, words: Words, say: (said: Said) => string): string[] {
  const { environment, figures, config } = run;
  const about: Line[] = [
    [words("card.label.what"), words("card.what", { kind: upper(words(`card.kind.${config.trainable}`)) })],
    [
      words("card.label.run"),
      words("card.run", {
        run: run.id,
        person: plain(run.createdBy ?? words("not_a_member")),
        asked: day(words, run.createdAt),
        done: day(words, run.endedAt),
      }),
    ],
    [
      words("card.label.study"),
      words("card.study", {
        study: plain(study.name),
        protocol: plain(protocol.key),
        version: plain(protocol.version),
        sha256: protocol.sha256,
      }),
    ],
  ];
  if (config.trainable === "elsewhere")
    about.push(
      [words("card.label.provenance"), plain(config.provenance)],
      [words("card.label.file"), words("card.file", { file: plain(config.sourceFile), sha256: config.sourceSha256 })],
    );
  else if (config.trainable === "baseline") about.push([words("card.label.engine"), words("card.no_engine")]);
  else if (environment)
    about.push(
      [
        words("card.label.engine"),
        words("card.engine", {
          engine: plain(environment.engine),
          version: plain(environment.version),
          device: plain(environment.device),
          threads: environment.threads,
          node: plain(environment.node),
        }),
      ],
      ...cardLines(environment, words),
      [
        words("card.label.slower"),
        environment.slowerThan ? plain(say(environment.slowerThan)) : words("card.none_faster"),
      ],
      [
        words("card.label.weights"),
        environment.weightsSha256
          ? words("card.file", { file: plain(environment.weights), sha256: environment.weightsSha256 })
          : plain(environment.weights),
      ],
    );
  else about.push([words("card.label.engine"), words("card.not_recorded")]);
  if (figures) {
    const effort = {
      seconds: Math.round(figures.seconds),
      memory: Math.round(figures.peakMemoryMb),
      attempts: run.attempts,
    };
    about.push([
      words("card.label.effort"),
      figures.imagesPerSecond === null
        ? words("card.effort", effort)
        : words("card.effort_images", { ...effort, speed: figures.imagesPerSecond.toFixed(1) }),
    ]);
  }
  const models = folds.filter(({ modelSha256 }) => modelSha256 !== null);
  return [
    defined(about),
    words("card.heading.regimen"),
    defined(regimenInWords(config, words)),
    words("card.heading.files"),
    models.length === 0
      ? words("card.no_files")
      : table(
          [words("card.column.fold"), "SHA-256"],
          models.map(({ fold, modelSha256 }) => [foldName(words, fold), `\`${modelSha256}\``]),
        ),
  ];
}

const intendedUse = ({ study }: CardFacts, words: Words): string[] => [
  list([
    words("card.use.research", { study: plain(study.name) }),
    words("card.use.not_clinical"),
    words("card.use.images"),
  ]),
];

function range(words: Words, values: readonly number[], unit: string): string {
  if (values.length === 0) return words("card.not_recorded");
  return words("card.range", { least: Math.min(...values), most: Math.max(...values), unit });
}

function factors({ items, run }: CardFacts, words: Words): string[] {
  const sizes = items.flatMap(({ shortAxisMm }) => (shortAxisMm === null ? [] : [shortAxisMm]));
  const { config } = run;
  const sizeShows =
    config.trainable === "elsewhere"
      ? words("card.size.unknown")
      : config.trainable === "baseline"
        ? words("card.size.only")
        : config.sizeBlind
          ? words("card.size.hidden")
          : words("card.size.visible");
  const values = {
    axis: range(words, sizes, "mm"),
    widths: range(
      words,
      items.flatMap(({ width }) => width ?? []),
      "px",
    ),
    heights: range(
      words,
      items.flatMap(({ height }) => height ?? []),
      "px",
    ),
    shows: sizeShows,
  };
  return [
    list([
      sizes.length < items.length
        ? words("card.size.axis_of_some", { ...values, measured: sizes.length, images: items.length })
        : words("card.size.axis", values),
      words("card.factors.alike"),
      words("card.factors.not_given"),
    ]),
  ];
}

function metrics({ run }: CardFacts, words: Words): string[] {
  const scored =
    run.config.trainable === "elsewhere" ? words("card.metrics.of_file") : words("card.metrics.out_of_fold");
  return [list([scored, words("card.metrics.auc"), words("card.metrics.shares"), words("card.metrics.differences")])];
}

function evaluationData(
  { run, items, study, contradictions }: CardFacts,
  words: Words,
  say: (said: Said) => string,
): string[] {
  const positive = items.filter(({ truth }) => truth === 1);
  const subjects = (of: CardFacts["items"]) => new Set(of.map(({ subject }) => subject)).size;
  const nodes = new Set(items.map(({ subject, node }) => JSON.stringify([subject, node]))).size;
  const isElsewhere = run.config.trainable === "elsewhere";
  const twins = run.nearDuplicates;
  const unit = run.config.splitUnit;
  return [
    defined([
      [
        words("card.label.study"),
        study.synthetic ? words("card.synthetic_study", { study: plain(study.name) }) : plain(study.name),
      ],
      [words("card.label.images"), words("card.images", { images: items.length, nodes, patients: subjects(items) })],
      [
        words("card.label.positive"),
        words("card.positive", {
          images: positive.length,
          patients: subjects(positive),
          prevalence: share(positive.length, items.length),
        }),
      ],
      [words("card.label.snapshot"), words("card.snapshot", { sha256: run.snapshotSha256 })],
      [
        words("card.label.near_duplicates"),
        isElsewhere
          ? words("card.twins.not_sought")
          : words(unit === "image" ? "card.twins.anywhere" : "card.twins.together", { pairs: twins }),
      ],
    ]),
    words("card.heading.split"),
    ...leakageInWords(run, words),
    ...(contradictions.length > 0
      ? [
          words("card.contradictions", { pairs: contradictions.length }),
          list(contradictions.map((each) => plain(upper(say(contradictionInWords(each)))))),
        ]
      : []),
  ];
}

function leakageInWords(run: Run, words: Words): string[] {
  const alike = run.lookAlikes.map(
    ([first, second]) => `- ${words("card.leakage.subjects_alike", { first: plain(first), second: plain(second) })}`,
  );
  return [...ofSplit(run, words), ...(alike.length > 0 ? [alike.join("\n")] : [])];
}

function ofSplit({ config, leakage, folds }: Run, words: Words): string[] {
  if (config.trainable === "elsewhere") return [words("card.leakage.elsewhere")];
  if (config.splitUnit === "patient") return [words("card.leakage.none", { folds })];
  const leaks = words(config.splitUnit === "image" ? "card.leakage.by_image" : "card.leakage.by_node", { folds });
  if (!leakage) return [leaks, words("card.leakage.not_counted")];
  const { heldOut } = leakage;
  const row = (label: string, count: number) => [
    label,
    words("card.count", { count, all: heldOut }),
    share(count, heldOut),
  ];
  return [
    leaks,
    table(
      [words("card.column.held_out"), words("card.column.images"), words("card.column.share")],
      [
        row(words("card.leakage.same_patient"), leakage.sameSubject),
        row(words("card.leakage.same_node"), leakage.sameNode),
        row(words("card.leakage.identical"), leakage.duplicate),
        row(words("card.leakage.alike"), leakage.nearDuplicate),
      ],
    ),
  ];
}

function trainingData({ run, folds }: CardFacts, words: Words): string[] {
  if (run.config.trainable === "elsewhere")
    return [words("card.training.elsewhere", { provenance: plain(run.config.provenance) })];
  return [
    words("card.training.same"),
    folds.length === 0
      ? words("card.training.no_folds")
      : table(
          [
            words("card.column.fold"),
            words("card.column.epochs"),
            words("card.column.epoch"),
            words("card.column.threshold"),
            words("card.column.tuning_auc"),
            words("card.column.tuning_loss"),
            words("card.column.training_images"),
            words("card.column.tuning_images"),
          ],
          folds.map((each) => [
            foldName(words, each.fold),
            String(each.epochs),
            String(each.chosenEpoch),
            number(each.threshold),
            number(each.tuningAuc),
            number(each.tuningLoss),
            String(each.trainingImages),
            String(each.tuningImages),
          ]),
        ),
  ];
}

const header = (words: Words) => [
  words("card.column.figure"),
  words("card.column.estimate"),
  words("card.column.interval"),
  "n",
  words("card.column.method"),
  words("card.column.caution"),
];

function analyses({ result, companions, sweep, run }: CardFacts, words: Words, say: (said: Said) => string): string[] {
  const { tp, fn, tn, fp, n, patients, positive } = result;
  return [
    words("card.counts", { n, patients, positive, tp, fn, tn, fp }),
    table(header(words), [
      figure("AUC", result.auc, words, say),
      figure(words("card.figure.sensitivity"), result.sensitivity, words, say),
      figure(words("card.figure.specificity"), result.specificity, words, say),
      figure(words("card.figure.accuracy"), result.accuracy, words, say),
    ]),
    words("card.heading.companions"),
    ...companionsInWords(companions, run, words, say),
    ...(sweep ? [words("card.heading.sweep"), ...sweepInWords(sweep, words, say)] : []),
  ];
}

function companionName({ config }: Run, words: Words): string {
  if (config.shuffledLabels) return words("card.companion.exchanged");
  if (config.trainable === "baseline")
    return config.baseline === "short-axis" ? words("card.companion.short_axis") : words("card.companion.crop_size");
  return (config.trainable === "head" || config.trainable === "network") && config.sizeBlind
    ? words("card.companion.size_blind")
    : words("card.companion.other");
}

function companionsInWords(
  companions: CardFacts["companions"],
  run: Run,
  words: Words,
  say: (said: Said) => string,
): string[] {
  if (run.companionOf) return [words("card.companion.see", { run: run.companionOf })];
  if (companions.length === 0) return [words("card.companion.none")];
  return [
    table(
      [
        words("card.column.companion"),
        words("card.column.run"),
        "AUC",
        words("card.column.interval"),
        words("card.column.less"),
        words("card.column.interval"),
        "n",
        "P",
        words("card.column.caution"),
      ],
      companions.map(({ run: { id, state }, run: companion, compared }) => {
        const about = [companionName(companion, words), `\`${id}\``];
        if (!compared) return [...about, "-", "-", "-", "-", "-", "-", words("card.companion.not_done", { state })];
        const [, auc = "", interval = ""] = figure("", compared.result.auc, words, say);
        const [, difference = "", limits = "", n = ""] = figure("", compared.difference, words, say);
        const said = [compared.result.auc, compared.difference]
          .map((each) => (each.estimate === null ? each.reason : each.caution))
          .flatMap((each) => (each ? apart(each) : []));
        const cautions = plain([...new Set(said.map(say))].join(words("semicolon")));
        return [...about, auc, interval, difference, limits, n, pValue(compared.p), cautions];
      }),
    ),
    words("card.companion.method"),
  ];
}

function sweepInWords(
  { id, depths, nested, nestedReason }: SweepResult,
  words: Words,
  say: (said: Said) => string,
): string[] {
  const about = words("card.sweep.about", { depths: depths.length, sweep: id });
  if (!nested)
    return [about, words("card.sweep.no_nested", { reason: nestedReason ?? { key: "errors.reason_unknown" } })];
  return [
    about,
    words("card.sweep.chosen", {
      chosen: nested.chosen
        .map(({ fold, frozen, tuningAuc }) =>
          words("card.sweep.chosen_fold", { fold: fold + 1, frozen, auc: number(tuningAuc) }),
        )
        .join(words("card.comma")),
    }),
    table(header(words), [
      figure(words("card.figure.auc_nested"), nested.result.auc, words, say),
      figure(words("card.figure.accuracy_nested"), nested.result.accuracy, words, say),
    ]),
  ];
}

const ethics = ({ study }: CardFacts, words: Words): string[] => [
  list([
    study.synthetic ? words("card.ethics.synthetic") : words("card.ethics.patients"),
    words("card.ethics.traces"),
    words("card.ethics.harm"),
  ]),
];

function caveats(
  { run, result, cautions, folds, sweep, rivals }: CardFacts,
  words: Words,
  say: (said: Said) => string,
): string[] {
  const { config } = run;
  const lines = [
    ...cautions.map((caution) => words("card.caveat", { caution: plain(upper(say(caution))) })),
    words("card.caveats.sample", { patients: result.patients }),
    words("card.caveats.no_external"),
    ...(rivals > 0 ? [words("card.caveats.rivals", { rivals })] : []),
  ];
  if (config.trainable !== "elsewhere") {
    lines.push(words("card.caveats.pooled"));
    if (folds.some(({ fold, modelSha256 }) => fold === finalFold && modelSha256 !== null))
      lines.push(words("card.caveats.final"));
  }
  if (config.trainable === "head" || config.trainable === "network") {
    if (config.weights === "nsfwjs-4.4.0") lines.push(words("card.caveats.weights"));
    if (!config.sizeBlind) lines.push(words("card.caveats.padding"));
  }
  if (sweep) lines.push(words("card.caveats.depth"));
  return [list(lines)];
}

function repeat({ run, study }: CardFacts, words: Words): string[] {
  const command = commandFor(run.config, study.slug);
  const { config } = run;
  if (config.trainable === "elsewhere")
    return [
      words("card.repeat.import", { sha256: config.sourceSha256, study: study.slug, threshold: config.threshold }),
    ];
  if (!command || run.companionOf)
    return [words("card.repeat.companion", { run: run.companionOf ?? words("card.repeat.its_run") })];
  return [
    words("card.repeat.command"),
    `\`\`\`\n${command}\n\`\`\``,
    words("card.repeat.engine"),
    `${words("card.repeat.regimen")}\n\n\`\`\`json\n${JSON.stringify(config, null, 2)}\n\`\`\``,
  ];
}
