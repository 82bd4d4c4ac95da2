import { type Freezing, frozenConvolutions, isDepth, mixedBlocks } from "@/core/network/freezing";
import { convolutions } from "@/core/network/inception";
import type { NetworkRegimen, Regimen } from "@/core/protocol/regimen";

/** What is said of a regimen: a label and a sentence or two. */
export type Line = readonly [label: string, text: string];

/** What "frozen" means by both readings of "the first n layers", because the founding study does not say which it counts. */
export function frozenInWords({ frozen, frozenUnit }: Freezing): string {
  const asBlocks = { frozen, frozenUnit: "blocks" } as const;
  const inBlocks = isDepth(asBlocks) ? frozenConvolutions(asBlocks) : undefined;
  const asConvolutions = `convolutions 1 to ${frozen} of ${convolutions}`;
  if (frozen === 0) return `Nothing is frozen: all ${convolutions} convolutions learn.`;
  if (frozenUnit === "blocks")
    return (
      `The stem and the first ${frozen} mixed blocks are frozen: ${inBlocks} of ${convolutions} convolutions. ` +
      `"The first ${frozen} layers" of the founding study is ambiguous: read as convolutions it would be ${asConvolutions}.`
    );
  const other =
    inBlocks === undefined
      ? ""
      : `: read as mixed blocks it would be the stem and ${frozen} blocks, ${inBlocks} convolutions`;
  return `${sentence(asConvolutions)} are frozen. "The first ${frozen} layers" of the founding study is ambiguous${other || `; mixed blocks there are only ${mixedBlocks}`}.`;
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

const weightsInWords = {
  "nsfwjs-4.4.0":
    "The Inception-v3 inside the npm package nsfwjs 4.4.0 (MIT licence, 8-bit quantised): a classifier of indecent pictures, not of anything medical. This is not ImageNet: the founding study started from ImageNet weights, this run did not.",
  "imagenet-keras": "ImageNet weights of keras.applications.inception_v3 (ILSVRC-2012).",
  random: "Random numbers from the seed: nothing was learned before.",
};

const enginesInWords = {
  fastest: "the fastest that works where the worker runs",
  cuda: "CUDA",
  native: "native TensorFlow",
  portable: "portable (WebAssembly)",
};

const scalingInWords = {
  "divide-by-255": "x / 255.",
  "subtract-mean-divide-by-255":
    "(x - mean) / 255, with the mean of the padded canvases of the training side of each fold.",
  "subtract-mean-divide-by-127.5":
    "(x - mean) / 127.5, with the mean of the padded canvases of the training side of each fold.",
};

const splitInWords = {
  patient: "By patient: no patient, and no image that looks like another's, stands on two sides.",
  node: "By node: a node's images stay together, but a patient may stand on two sides. This leaks.",
  image: "By image, as published: leaks. A node, and a patient, may stand on two sides.",
};

const sizesInWords = {
  "short-axis": "The short axis of the node in mm.",
  "crop-size": "Width and height of the crop in pixels.",
};

/** Every field of a regimen in plain words, for people who have not read the code. */
export function regimenInWords(config: Regimen): Line[] {
  const split: Line[] = [
    ["Split", splitInWords[config.splitUnit]],
    ["Folds", `${config.folds}: each image is scored by the model of the fold that left it out.`],
    ["Seed", `${config.seed}, of the split and of everything random in training.`],
    [
      "Labels",
      config.shuffledLabels
        ? "Exchanged between patients, within a fold where they have all their images in it: a control, trained on these labels and judged by them. Its AUC should lie near 0.5; an interval above 0.5 points to a leak."
        : "As pathology reported.",
    ],
  ];
  switch (config.trainable) {
    case "elsewhere":
      return [
        ["Training", "Elsewhere. Nothing of it is known here but what the next section says."],
        ["Split", "None: the model came as it is, and whether it has seen these patients is not known here."],
        ["Operating point", `Positive from a score of ${config.threshold}, given with the file.`],
        ["Seed", `${config.seed}, unused: nothing was split or trained.`],
        ["Labels", config.shuffledLabels ? "Exchanged." : "The reference standard was used to judge, not to train."],
      ];
    case "baseline":
      return [
        ["What learns", `A logistic regression on sizes alone, without any image. ${sizesInWords[config.baseline]}`],
        ["Optimiser", logistic(config.optimiser)],
        ...split,
        ["Operating point", `Positive from a score of ${config.threshold}.`],
      ];
    case "head":
      return [
        ["What learns", "The last unit alone (2048 weights and a bias), on features of the frozen Inception-v3."],
        ...inceptionInWords(config),
        ["Optimiser", config.optimiser.kind === "sgd" ? momentum(config.optimiser) : logistic(config.optimiser)],
        ...split,
        ["Operating point", `Positive from a score of ${config.threshold}, the same in every fold.`],
      ];
    case "network":
      return [
        ["What learns", "The network behind its frozen layers, and one sigmoid unit on its global average."],
        ["Frozen layers", frozenInWords(config)],
        ...inceptionInWords(config),
        [
          "Head first",
          config.headFirstEpochs === 0
            ? "No: every layer that is not frozen learns from the first epoch."
            : `In the first ${config.headFirstEpochs} epochs the last unit alone learns.`,
        ],
        ["Optimiser", momentum(config.optimiser)],
        ["Batch normalisation", batchNormalisation(config)],
        ["Augmentation", augmentation(config)],
        [
          "Weights of the classes",
          config.classWeights === "balanced" ? "Both classes weigh the same in the loss." : "None.",
        ],
        [
          "Tuning part",
          config.tuningFraction === 0
            ? "None: no patient of the training side was set aside."
            : `${percent(config.tuningFraction)} of the training side's patients, on which nothing is trained. Never the images that are scored.`,
        ],
        [
          "Early stopping",
          config.patience === 0
            ? "None: the last epoch counts."
            : `After ${config.patience} epochs without a lower loss on the tuning part; the best epoch counts.`,
        ],
        ...split,
        [
          "Operating point",
          config.operatingPoint === "youden"
            ? "The score with the best sensitivity + specificity on the tuning part of each fold (Youden)."
            : `Positive from a score of ${config.threshold}, the same in every fold.`,
        ],
      ];
  }
}

const percent = (share: number) => `${Number((share * 100).toFixed(1))} %`;

type Inception = Extract<Regimen, { trainable: "head" | "network" }>;

const inceptionInWords = ({ weights, inputSize, sizeBlind, scaling, engine }: Inception): Line[] => [
  [
    "Architecture",
    `Inception-v3 (Szegedy et al., CVPR 2016), ${convolutions} convolutions, input ${inputSize} x ${inputSize}.`,
  ],
  ["Starting weights", weightsInWords[weights]],
  [
    "Size of the node",
    sizeBlind
      ? "Hidden: crops are rescaled to one size before padding."
      : "Visible: crops are padded, not rescaled, so the padding shows how large a node is.",
  ],
  ["Scaling", scalingInWords[scaling]],
  ["Engine asked for", `${sentence(enginesInWords[engine])}.`],
];

function momentum(optimiser: NetworkRegimen["optimiser"] | (Inception["optimiser"] & { kind: "sgd" })): string {
  const { learningRate, momentum, decay, schedule, batchSize, epochs } = optimiser;
  const rate =
    schedule === "cosine"
      ? `falling by a half cosine to 0; decay ${decay} is not used`
      : `divided by 1 + ${decay} x updates done (time decay)`;
  return `Momentum SGD, v = ${momentum} v - rate x gradient; rate ${learningRate}, ${rate}; batches of ${batchSize}, ${epochs} epochs at most.`;
}

const logistic = ({ c, epochs }: { c: number; epochs: number }) =>
  `L2 logistic regression on standardised features, C = ${c}, full batch, ${epochs} iterations at most.`;

function batchNormalisation({ microBatch, optimiser: { batchSize } }: NetworkRegimen): string {
  const parts =
    microBatch === batchSize
      ? `A batch of ${batchSize} is computed at once, so the statistics are those of the batch.`
      : `A batch of ${batchSize} is computed in micro-batches of ${microBatch} whose gradients are added up, so the statistics are those of a micro-batch of ${microBatch}, not of the batch, and the moving averages move once for each micro-batch: not what a framework does with the whole batch of ${batchSize} at once.`;
  return `Frozen layers normalise with moving statistics, the others with those of the images computed together. ${parts} Scores are computed with moving statistics.`;
}

function augmentation(config: NetworkRegimen): string {
  const { flipHorizontal, flipVertical, rotationDegrees, noiseSigma, blurSigma } = config;
  const kinds = [
    flipHorizontal && "mirrored left to right at random",
    flipVertical && "mirrored top to bottom at random",
    rotationDegrees > 0 && `rotated by up to ${rotationDegrees} degrees either way`,
    noiseSigma > 0 && `Gaussian noise with a standard deviation of ${noiseSigma} of 255`,
    blurSigma > 0 && `Gaussian blur with a standard deviation of 0 to ${blurSigma} pixels`,
  ].filter((kind) => kind !== false);
  return kinds.length === 0 ? "None." : `${sentence(kinds.join("; "))}. On training images only.`;
}

/** The options of `train` that ask for this regimen; null where it is not asked for so. */
export function commandFor(config: Regimen, study: string): string | null {
  if (config.trainable === "baseline" || config.trainable === "elsewhere") return null;
  const asked: Record<string, string | number | boolean> = {
    trainable: config.trainable,
    folds: config.folds,
    seed: config.seed,
    "split-unit": config.splitUnit,
    weights: config.weights,
    engine: config.engine,
    "size-blind": config.sizeBlind,
    epochs: config.optimiser.epochs,
  };
  if (config.trainable === "network")
    Object.assign(asked, {
      frozen: config.frozen,
      "frozen-unit": config.frozenUnit,
      "head-first-epochs": config.headFirstEpochs,
      "learning-rate": config.optimiser.learningRate,
      schedule: config.optimiser.schedule,
      "batch-size": config.optimiser.batchSize,
      "micro-batch": config.microBatch,
      "flip-horizontal": config.flipHorizontal,
      "flip-vertical": config.flipVertical,
      "rotation-degrees": config.rotationDegrees,
      "noise-sigma": config.noiseSigma,
      "blur-sigma": config.blurSigma,
      "class-weights": config.classWeights,
      "tuning-fraction": config.tuningFraction,
      patience: config.patience,
      "operating-point": config.operatingPoint,
    });
  const options = Object.entries(asked).map(([name, value]) => `--${name} ${value}`);
  return [`npm run nodewise -- train --study ${study}`, ...options].join(" ");
}
