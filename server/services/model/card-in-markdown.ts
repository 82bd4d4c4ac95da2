import { finalFold } from "@/core/network/folds";
import type { Estimate } from "@/core/stats/types";
import type { datasetItem, runFold } from "@/db/schema";
import type { Run, RunResult, SweepResult } from "@/server/schemas/model";
import { commandFor, type Line, regimenInWords } from "./regimen-in-words";

/** The records that a card is made of. */
export interface CardFacts {
  study: { name: string; slug: string; synthetic: boolean };
  protocol: { key: string; version: string; sha256: string };
  run: Run;
  items: readonly (typeof datasetItem.$inferSelect)[];
  folds: readonly (typeof runFold.$inferSelect)[];
  result: RunResult;
  cautions: readonly string[];
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
 * Pure: it holds nothing that is not in the records.
 */
export function cardInMarkdown(facts: CardFacts): string {
  const { study, run, cautions } = facts;
  const warnings = [
    "**Not for clinical use.** This model was made within a study of diagnostic accuracy. No figure below licenses its use on a patient.",
    ...(study.synthetic
      ? [
          "**Synthetic study.** Images and labels are made up: every figure says something of the program, nothing of patients.",
        ]
      : []),
    ...cautions.map((caution) => `**${plain(upper(caution))}.**`),
    ...(run.companionOf ? [`**This run is a companion** (control or baseline) of run ${run.companionOf}.`] : []),
  ];
  return `${[
    `# Model card: run ${run.id}`,
    warnings.map((warning) => `> ${warning}`).join("\n>\n"),
    section("Model details", details(facts)),
    section("Intended use", intendedUse(facts)),
    section("Factors", factors(facts)),
    section("Metrics", metrics(facts)),
    section("Evaluation data", evaluationData(facts)),
    section("Training data", trainingData(facts)),
    section("Quantitative analyses", analyses(facts)),
    section("Ethical considerations", ethics(facts)),
    section("Caveats and recommendations", caveats(facts)),
    section("How to repeat", repeat(facts)),
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
const day = (date: Date | null) => date?.toISOString().slice(0, 10) ?? "unknown";
const number = (value: number | null | undefined, digits = 3) =>
  value === null || value === undefined ? "-" : value.toFixed(digits);
const share = (part: number, whole: number) => (whole === 0 ? "-" : `${((100 * part) / whole).toFixed(1)} %`);
const foldName = (fold: number) => (fold === finalFold ? "all (final model)" : String(fold + 1));
const pValue = (p: number | null) => (p === null ? "-" : p < 0.001 ? "< 0.001" : p.toFixed(3));

function figure(label: string, estimate: Estimate): string[] {
  if (estimate.estimate === null) return [label, "-", "-", String(estimate.n), estimate.method, plain(estimate.reason)];
  const interval =
    estimate.lower === null || estimate.upper === null ? "-" : `${number(estimate.lower)} to ${number(estimate.upper)}`;
  return [
    label,
    number(estimate.estimate),
    interval,
    String(estimate.n),
    estimate.method,
    plain(estimate.caution ?? ""),
  ];
}

const kinds = {
  head: "the last unit of Inception-v3, trained on frozen features",
  network: "Inception-v3, fine-tuned",
  baseline: "a baseline that knows sizes and no image",
  elsewhere: "scores of a model that was trained elsewhere",
};

function details({ run, study, protocol, folds }: CardFacts): string[] {
  const { environment, figures, config } = run;
  const about: Line[] = [
    ["What", `${upper(kinds[config.trainable])}.`],
    [
      "Run",
      `\`${run.id}\`, asked for by ${plain(run.createdBy)} on ${day(run.createdAt)}, done on ${day(run.endedAt)}`,
    ],
    [
      "Study",
      `${plain(study.name)}, protocol ${plain(protocol.key)} ${plain(protocol.version)} (SHA-256 \`${protocol.sha256}\`)`,
    ],
  ];
  if (config.trainable === "elsewhere")
    about.push(
      ["Provenance", plain(config.provenance)],
      ["File of scores", `${plain(config.sourceFile)}, SHA-256 \`${config.sourceSha256}\``],
    );
  else if (environment)
    about.push(
      [
        "Engine",
        `${plain(environment.engine)}, ${plain(environment.version)}, on ${plain(environment.device)} (${environment.threads} threads), Node ${plain(environment.node)}`,
      ],
      [
        "Why not a faster engine",
        environment.slowerThan ? plain(environment.slowerThan) : "none was faster, or this one was asked for",
      ],
      [
        "Weights that training started from",
        `${plain(environment.weights)}${environment.weightsSha256 ? `, SHA-256 \`${environment.weightsSha256}\`` : ""}`,
      ],
    );
  else about.push(["Engine", "not recorded"]);
  if (figures)
    about.push([
      "Effort",
      `${Math.round(figures.seconds)} s${figures.imagesPerSecond === null ? "" : `, ${figures.imagesPerSecond.toFixed(1)} images/s`}, ${Math.round(figures.peakMemoryMb)} MB at most, ${run.attempts} ${run.attempts === 1 ? "attempt" : "attempts"}`,
    ]);
  const models = folds.filter(({ modelSha256 }) => modelSha256 !== null);
  return [
    defined(about),
    "### Regimen",
    defined(regimenInWords(config)),
    "### Model files",
    models.length === 0
      ? "None is kept."
      : table(
          ["fold left out", "SHA-256"],
          models.map(({ fold, modelSha256 }) => [foldName(fold), `\`${modelSha256}\``]),
        ),
  ];
}

const intendedUse = ({ study }: CardFacts): string[] => [
  list([
    `Research on diagnostic accuracy within the study "${plain(study.name)}": comparing the network with readers on the same images, and settings of the network with each other.`,
    "Not for clinical use: not for diagnosis, staging, triage or the choice of a treatment, alone or beside a reader.",
    "Not for other images than crops of single nodes made as in this study: other scanners, sequences, populations and croppings have not been tried.",
  ]),
];

function range(values: readonly number[], unit: string): string {
  if (values.length === 0) return "not recorded";
  return `${Math.min(...values)} to ${Math.max(...values)} ${unit}`;
}

function factors({ items, run }: CardFacts): string[] {
  const sizes = items.flatMap(({ shortAxisMm }) => (shortAxisMm === null ? [] : [shortAxisMm]));
  const { config } = run;
  const sizeShows =
    config.trainable === "elsewhere"
      ? "Whether the model sees the size is not known here."
      : config.trainable === "baseline"
        ? "The size is all that this model knows."
        : config.sizeBlind
          ? "Crops were rescaled to one size, so the network does not see it directly."
          : "Crops are padded, so the network sees it: read the size baselines below before crediting the texture.";
  return [
    list([
      `Size of the node: short axis ${range(sizes, "mm")}${sizes.length < items.length ? ` (measured for ${sizes.length} of ${items.length} images)` : ""}; crops ${range(
        items.map(({ width }) => width),
        "px",
      )} wide, ${range(
        items.map(({ height }) => height),
        "px",
      )} high. ${sizeShows}`,
      "Images of one node, and nodes of one patient, are alike: every interval is clustered by patient.",
      "No figure is given by sex, age, scanner or site: the records of a run do not hold them.",
    ]),
  ];
}

function metrics({ run }: CardFacts): string[] {
  const scored =
    run.config.trainable === "elsewhere"
      ? "The scores are those of the file."
      : "Each image is scored by the model of the fold that left it out, and called by that model's threshold.";
  return [
    list([
      scored,
      "AUC: area under the empirical ROC curve of the pooled scores (ties 1/2), variance by Obuchowski clustered by patient, interval on the logit scale with t on patients - 1.",
      "Sensitivity, specificity, accuracy: ratio estimator clustered by patient, Wilson interval with the effective number of images.",
      "Differences of AUC: paired areas with Obuchowski's covariance, clustered by patient, two-sided, t on patients - 1.",
    ]),
  ];
}

function evaluationData({ run, items, study }: CardFacts): string[] {
  const positive = items.filter(({ truth }) => truth === 1);
  const subjects = (of: CardFacts["items"]) => new Set(of.map(({ subject }) => subject)).size;
  const nodes = new Set(items.map(({ subject, node }) => JSON.stringify([subject, node]))).size;
  const isElsewhere = run.config.trainable === "elsewhere";
  const twins = run.nearDuplicates;
  const unit = run.config.splitUnit;
  return [
    defined([
      ["Study", `${plain(study.name)}${study.synthetic ? " (synthetic)" : ""}`],
      ["Images", `${items.length} of ${nodes} nodes of ${subjects(items)} patients`],
      [
        "Positive by the reference standard (pathology)",
        `${positive.length} images of ${subjects(positive)} patients: prevalence ${share(positive.length, items.length)} of images`,
      ],
      ["Snapshot", `SHA-256 \`${run.snapshotSha256}\` over subject, node, plane, image, truth and fold, in order`],
      [
        "Near-duplicates",
        isElsewhere
          ? "not looked for: nothing was split"
          : `${twins} ${twins === 1 ? "pair" : "pairs"} of images that look alike${unit === "image" ? ", left where chance put them" : ", kept on one side"}`,
      ],
    ]),
    "### Split and leakage",
    ...leakageInWords(run),
  ];
}

function leakageInWords({ config, leakage, folds }: Run): string[] {
  if (config.trainable === "elsewhere")
    return [
      "Nothing was split here. Whether the model was trained on these patients is not known: its figures may be flattered without limit.",
    ];
  if (config.splitUnit === "patient")
    return [
      `${folds} folds by patient. Of what can be compared nothing leaks by the split: no patient and no identical image stands on both sides, nor do images that were found to look alike. Images without a signature (too little contrast, or uploaded before signatures were kept) could not be compared.`,
    ];
  const what = config.splitUnit === "image" ? "**By image, as published: leaks.**" : "**By node: leaks.**";
  const words = `${what} ${folds} folds. A held-out image may have siblings in training, so the figures below are too good; compare with a run that is split by patient.`;
  if (!leakage) return [words, "How many images have a sibling was not recorded."];
  const { heldOut } = leakage;
  const row = (label: string, count: number) => [label, `${count} of ${heldOut}`, share(count, heldOut)];
  return [
    words,
    table(
      ["held-out images with, in training,", "images", "share"],
      [
        row("an image of the same patient", leakage.sameSubject),
        row("an image of the same node", leakage.sameNode),
        row("an identical image", leakage.duplicate),
        row("an image that looks alike", leakage.nearDuplicate),
      ],
    ),
  ];
}

function trainingData({ run, folds }: CardFacts): string[] {
  if (run.config.trainable === "elsewhere")
    return [`Not in these records. What was said: ${plain(run.config.provenance)}`];
  return [
    "The same images: each fold's model is trained on the other folds, the final model on all.",
    folds.length === 0
      ? "The folds' records are not kept for this run."
      : table(
          [
            "fold left out",
            "epochs",
            "epoch that counts",
            "threshold",
            "tuning AUC",
            "tuning loss",
            "training images",
            "tuning images",
          ],
          folds.map((each) => [
            foldName(each.fold),
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

const header = ["figure", "estimate", "95 % interval", "n", "method", "caution"];

function analyses({ result, companions, sweep, run }: CardFacts): string[] {
  const { tp, fn, tn, fp, n, patients, positive } = result;
  return [
    `${n} images of ${patients} patients, ${positive} positive: TP ${tp}, FN ${fn}, TN ${tn}, FP ${fp}.`,
    table(header, [
      figure("AUC", result.auc),
      figure("sensitivity", result.sensitivity),
      figure("specificity", result.specificity),
      figure("accuracy", result.accuracy),
    ]),
    "### Controls and baselines",
    ...companionsInWords(companions, run),
    ...(sweep ? ["### Sweep of depths", ...sweepInWords(sweep)] : []),
  ];
}

function companionName({ config }: Run): string {
  if (config.shuffledLabels) return "labels exchanged (should lie near 0.5)";
  if (config.trainable === "baseline")
    return config.baseline === "short-axis" ? "short axis alone" : "size of the crop alone";
  return (config.trainable === "head" || config.trainable === "network") && config.sizeBlind
    ? "size-blind crops"
    : "companion";
}

function companionsInWords(companions: CardFacts["companions"], run: Run): string[] {
  if (run.companionOf) return [`See the card of run ${run.companionOf}.`];
  if (companions.length === 0)
    return [
      "None was run. Without a baseline of sizes it is not known whether the model tells more than how large a node is, and without exchanged labels the pipeline is not tested.",
    ];
  return [
    table(
      ["companion", "run", "AUC", "95 % interval", "this run less it", "95 % interval", "n", "P", "caution"],
      companions.map(({ run: { id, state }, run: companion, compared }) => {
        const about = [companionName(companion), `\`${id}\``];
        if (!compared) return [...about, "-", "-", "-", "-", "-", "-", `not done: ${state}`];
        const [, auc = "", interval = "", , , caution = ""] = figure("", compared.result.auc);
        const [, difference = "", limits = "", n = "", , why = ""] = figure("", compared.difference);
        const cautions = [...new Set([caution, why].flatMap((text) => (text === "" ? [] : text.split("; "))))].join(
          "; ",
        );
        return [...about, auc, interval, difference, limits, n, pValue(compared.p), cautions];
      }),
    ),
    `Differences: paired areas, Obuchowski; clustered by patient. P values are not adjusted for the number of companions.`,
  ];
}

function sweepInWords({ id, depths, nested, nestedReason }: SweepResult): string[] {
  const words = `This run is one of ${depths.length} depths of sweep \`${id}\`. Choosing the best depth by figures on the images that are scored flatters it; the nested choice below does not.`;
  if (!nested) return [words, `No nested choice yet: ${plain(nestedReason ?? "unknown reason")}`];
  return [
    words,
    `Chosen by the tuning part: ${nested.chosen.map(({ fold, frozen, tuningAuc }) => `fold ${fold + 1}: ${frozen} frozen (tuning AUC ${number(tuningAuc)})`).join(", ")}.`,
    table(header, [figure("AUC, nested", nested.result.auc), figure("accuracy, nested", nested.result.accuracy)]),
  ];
}

const ethics = ({ study }: CardFacts): string[] => [
  list([
    study.synthetic
      ? "No patient stands behind these images."
      : "The images are of patients who took part in a study. Subject numbers stand in the records of the study, who the subjects are does not stand in those of the run; this card names none.",
    "Weights can hold traces of the images they were trained on: treat model files, and files exported from them, as study data.",
    "A false negative and a false positive do not harm a patient alike; the thresholds here weigh neither by its harm.",
  ]),
];

function caveats({ run, result, cautions, folds, sweep, rivals }: CardFacts): string[] {
  const { config } = run;
  const lines = [
    ...cautions.map((caution) => `${plain(upper(caution))}.`),
    `${result.patients} patients are the sample: intervals say how far figures may move with other patients of the same kind, and nothing of other hospitals.`,
    "There is no external test set in these records.",
    ...(rivals > 0
      ? [
          `${rivals} other finished ${rivals === 1 ? "run" : "runs"} of this study ${rivals === 1 ? "was" : "were"} judged on its images, companions not counted. If this one was chosen by its figures, they are flattered.`,
        ]
      : []),
  ];
  if (config.trainable !== "elsewhere") {
    lines.push(
      "The AUC ranks scores of several folds' models against each other; models whose scores lie at different heights look worse together than each is alone.",
    );
    if (folds.some(({ fold, modelSha256 }) => fold === finalFold && modelSha256 !== null))
      lines.push(
        "The final model, trained on all patients but those of its tuning part, is the one that is exported and that scores new images. The figures are those of the folds' models; the final one has never been judged on images it has not seen.",
      );
  }
  if (config.trainable === "head" || config.trainable === "network") {
    if (config.weights === "nsfwjs-4.4.0")
      lines.push("The starting weights are not ImageNet's, so the run does not repeat the founding study's start.");
    if (!config.sizeBlind) lines.push("The padding shows the size of a node: part of what was learned may be size.");
  }
  if (sweep) lines.push("This is one depth of several: quote the nested figure for the sweep, not the best depth.");
  return [list(lines)];
}

function repeat({ run, study }: CardFacts): string[] {
  const command = commandFor(run.config, study.slug);
  const { config } = run;
  if (config.trainable === "elsewhere")
    return [
      `Import the file with SHA-256 \`${config.sourceSha256}\` into a study with the snapshot above: \`npm run nodewise -- import scores FILE --study ${study.slug} --provenance TEXT --threshold ${config.threshold}\`.`,
    ];
  if (!command || run.companionOf)
    return [
      `Ask for the same companion on the page of run ${run.companionOf ?? "it belongs to"}; it stands on the same snapshot.`,
    ];
  return [
    `With the same crops, reference standard and protocol (the hashes tell). What has no option comes from the protocol, or from the founding study where the protocol is silent:`,
    `\`\`\`\n${command}\n\`\`\``,
    "The same engine on the same kind of device gives the same numbers; another engine differs by rounding, which training enlarges.",
    `The regimen as stored:\n\n\`\`\`json\n${JSON.stringify(config, null, 2)}\n\`\`\``,
  ];
}
