import { type Freezing, frozenConvolutions, isDepth, mixedBlocks } from "@/core/network/freezing";
import { convolutions } from "@/core/network/inception";
import type { Said, WordKey, WordValues } from "@/core/words";
import type { NetworkRegimen, Regimen } from "./regimen";

/** What is said of a regimen: a label and a sentence or two. */
export type Line = readonly [label: string, text: string];

type OfModel<Key> = Key extends `model.${infer Name}` ? Name : never;

/** Words of `core/words/<language>/model.json`. */
export type Words = (name: OfModel<WordKey>, values?: WordValues) => string;

/** The words about models in the language of who says them. */
export const wordsOf =
  (say: (said: Said) => string): Words =>
  (name, values = {}) =>
    say({ key: `model.${name}`, values });

/** What "frozen" means by both readings of "the first n layers", because the founding study does not say which it counts. */
function frozenInWords(words: Words, { frozen, frozenUnit }: Freezing): string {
  const asBlocks = { frozen, frozenUnit: "blocks" } as const;
  const values = { frozen, all: convolutions };
  if (frozen === 0) return words("frozen.nothing", values);
  if (!isDepth(asBlocks)) return words("frozen.convolutions_only", { ...values, blocks: mixedBlocks });
  const inBlocks = frozenConvolutions(asBlocks);
  return words(frozenUnit === "blocks" ? "frozen.blocks" : "frozen.convolutions", { ...values, inBlocks });
}

/** Dots part the names of messages. */
const named = <Text extends string>(text: Text) => text.replaceAll(".", "_") as Undotted<Text>;
type Undotted<Text extends string> = Text extends `${infer Before}.${infer After}`
  ? `${Before}_${Undotted<After>}`
  : Text;

/** Every field of a regimen in plain words, for people who have not read the code. */
export function regimenInWords(config: Regimen, words: Words): Line[] {
  const { threshold, seed, folds } = config;
  const split: Line[] = [
    [words("label.split"), words(`split.${config.splitUnit}`)],
    [words("label.folds"), words("folds", { folds })],
    [words("label.seed"), words("seed", { seed })],
    [words("label.labels"), words(config.shuffledLabels ? "labels.exchanged" : "labels.reported")],
  ];
  switch (config.trainable) {
    case "elsewhere":
      return [
        [words("label.training"), words("elsewhere.training")],
        [words("label.split"), words("elsewhere.split")],
        [words("label.operating_point"), words("elsewhere.operating_point", { threshold })],
        [words("label.seed"), words("elsewhere.seed", { seed })],
        [words("label.labels"), words(config.shuffledLabels ? "elsewhere.exchanged" : "elsewhere.judged")],
      ];
    case "baseline":
      return [
        [words("label.learns"), words("learns.baseline", { sizes: words(`sizes.${config.baseline}`) })],
        [words("label.optimiser"), logistic(words, config.optimiser)],
        ...split,
        [words("label.operating_point"), words("threshold", { threshold })],
      ];
    case "head":
      return [
        [words("label.learns"), words("learns.head")],
        ...inceptionInWords(words, config),
        [
          words("label.optimiser"),
          config.optimiser.kind === "sgd" ? momentum(words, config.optimiser) : logistic(words, config.optimiser),
        ],
        ...split,
        [words("label.operating_point"), words("threshold_everywhere", { threshold })],
      ];
    case "network":
      return [
        [words("label.learns"), words("learns.network")],
        [words("label.frozen"), frozenInWords(words, config)],
        ...inceptionInWords(words, config),
        [
          words("label.head_first"),
          config.headFirstEpochs === 0
            ? words("head_first.no")
            : words("head_first.epochs", { epochs: config.headFirstEpochs }),
        ],
        [words("label.optimiser"), momentum(words, config.optimiser)],
        [words("label.batch_normalisation"), batchNormalisation(words, config)],
        [words("label.augmentation"), augmentation(words, config)],
        [words("label.class_weights"), words(config.classWeights === "balanced" ? "class_weights.balanced" : "none")],
        [
          words("label.tuning"),
          config.tuningFraction === 0
            ? words("tuning.none")
            : words("tuning.share", { percent: Number((config.tuningFraction * 100).toFixed(1)) }),
        ],
        [
          words("label.early_stopping"),
          config.patience === 0
            ? words("early_stopping.none")
            : words("early_stopping.patience", { epochs: config.patience }),
        ],
        ...split,
        [
          words("label.operating_point"),
          config.operatingPoint === "youden" ? words("youden") : words("threshold_everywhere", { threshold }),
        ],
      ];
  }
}

type Inception = Extract<Regimen, { trainable: "head" | "network" }>;

const inceptionInWords = (words: Words, { weights, inputSize, sizeBlind, scaling, engine }: Inception): Line[] => [
  [words("label.architecture"), words("architecture", { size: inputSize, convolutions })],
  [words("label.weights"), words(`weights.${named(weights)}`)],
  [words("label.size"), words(sizeBlind ? "size.hidden" : "size.visible")],
  [words("label.scaling"), words(`scaling.${named(scaling)}`)],
  [words("label.engine"), words(`engine.${engine}`)],
];

function momentum(
  words: Words,
  optimiser: NetworkRegimen["optimiser"] | (Inception["optimiser"] & { kind: "sgd" }),
): string {
  const { learningRate, momentum, decay, schedule, batchSize, epochs } = optimiser;
  return words("momentum", {
    momentum,
    rate: learningRate,
    schedule: words(`schedule.${schedule}`, { decay }),
    batch: batchSize,
    epochs,
  });
}

const logistic = (words: Words, { c, epochs }: { c: number; epochs: number }) => words("logistic", { c, epochs });

function batchNormalisation(words: Words, { microBatch, optimiser: { batchSize } }: NetworkRegimen): string {
  return microBatch === batchSize
    ? words("batch_normalisation.whole", { batch: batchSize })
    : words("batch_normalisation.micro", { batch: batchSize, micro: microBatch });
}

function augmentation(words: Words, config: NetworkRegimen): string {
  const { flipHorizontal, flipVertical, rotationDegrees, noiseSigma, blurSigma } = config;
  const kinds = [
    flipHorizontal && words("augmentation.flip_horizontal"),
    flipVertical && words("augmentation.flip_vertical"),
    rotationDegrees > 0 && words("augmentation.rotation", { degrees: rotationDegrees }),
    noiseSigma > 0 && words("augmentation.noise", { sigma: noiseSigma }),
    blurSigma > 0 && words("augmentation.blur", { sigma: blurSigma }),
  ].filter((kind) => kind !== false);
  if (kinds.length === 0) return words("none");
  return words("augmentation.training_only", { kinds: sentence(kinds.join(words("semicolon"))) });
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
