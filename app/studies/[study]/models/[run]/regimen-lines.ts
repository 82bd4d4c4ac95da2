import { useTranslations } from "next-intl";
import { useFormat } from "@/app/_i18n/format";
import type { NetworkRegimen, Regimen } from "@/core/protocol/regimen";

interface Line {
  name: string;
  value: string;
}

/** A regimen as named lines in words, each number with its unit. */
export function useRegimenLines(config: Regimen): Line[] {
  const t = useTranslations("models.record");
  const { list } = useFormat();
  if (config.trainable === "elsewhere")
    return [
      { name: t("provenance"), value: config.provenance },
      { name: t("source"), value: config.sourceFile },
      { name: t("operating"), value: t("fixed", { threshold: config.threshold }) },
    ];

  const { optimiser } = config;
  const rate =
    optimiser.kind === "logistic"
      ? t("logistic", { c: optimiser.c, epochs: optimiser.epochs })
      : t("sgd", {
          rate: String(optimiser.learningRate),
          momentum: optimiser.momentum,
          decay: String(optimiser.decay),
          schedule: optimiser.schedule,
          batch: optimiser.batchSize,
          epochs: optimiser.epochs,
        });
  const fixed: Line = { name: t("operating"), value: t("fixed", { threshold: config.threshold }) };
  if (config.trainable === "baseline") return [{ name: t("optimiser"), value: rate }, fixed];

  const weights: Line[] = [
    {
      name: t("weights"),
      value: t(`weightsNote.${config.weights === "nsfwjs-4.4.0" ? "nsfwjs-4-4-0" : config.weights}`),
    },
    ...(config.sizeBlind ? [{ name: t("sizeBlind"), value: t("sizeBlindValue") }] : []),
  ];
  if (config.trainable === "head") return [...weights, { name: t("optimiser"), value: rate }, fixed];

  const flips = flipsOf(config);
  const augmentation = [
    ...(flips ? [t("flips", { which: t(flips) })] : []),
    ...(config.rotationDegrees > 0 ? [t("rotation", { degrees: config.rotationDegrees })] : []),
    ...(config.noiseSigma > 0 ? [t("noise", { sigma: config.noiseSigma })] : []),
    ...(config.blurSigma > 0 ? [t("blur", { sigma: config.blurSigma })] : []),
  ];
  const learning = [
    rate,
    t("micro", { count: config.microBatch }),
    ...(config.headFirstEpochs > 0 ? [t("headFirst", { count: config.headFirstEpochs })] : []),
  ];
  return [
    ...weights,
    { name: t("optimiser"), value: list(learning, "apart") },
    { name: t("augmentation"), value: list(augmentation) || t("none") },
    {
      name: t("tuning"),
      value: t("tuningValue", { percent: (100 * config.tuningFraction).toFixed(0), patience: config.patience }),
    },
    config.operatingPoint === "youden" ? { name: t("operating"), value: t("youden") } : fixed,
  ];
}

function flipsOf({
  flipHorizontal,
  flipVertical,
}: NetworkRegimen): "flipBoth" | "flipHorizontal" | "flipVertical" | null {
  if (flipHorizontal && flipVertical) return "flipBoth";
  if (flipHorizontal) return "flipHorizontal";
  return flipVertical ? "flipVertical" : null;
}
