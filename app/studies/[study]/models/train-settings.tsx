import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { CheckField, SelectField, TextField } from "@/app/_components/field";
import { pretrainedWeights } from "@/core/protocol/regimen";
import { type TrainInput, trainInput } from "@/server/schemas/model";

const engines = trainInput.shape.engine.unwrap().options;
const schedules = ["time-decay", "cosine"] as const;
const weightings = ["none", "balanced"] as const;
const operatingPoints = ["fixed", "youden"] as const;

interface Option {
  value: string;
  label: string;
}
type NumberName =
  | "rotationDegrees"
  | "noiseSigma"
  | "blurSigma"
  | "learningRate"
  | "batchSize"
  | "microBatch"
  | "headFirstEpochs"
  | "tuningFraction"
  | "patience";
type ChoiceName = "weights" | "engine" | "schedule" | "classWeights" | "operatingPoint";

/** Everything else that a regimen says, each with its unit; closed until it is asked for. */
export function TrainSettings({
  defaults,
  errors,
}: {
  defaults: Required<TrainInput>;
  errors: Record<string, string>;
}) {
  const t = useTranslations("models.settings");
  const network = defaults.trainable === "network";
  const number = (name: NumberName, { unit, hint, step = "1" }: { unit?: string; hint?: string; step?: string }) => (
    <TextField
      label={t(`${name}.label`)}
      hint={hint}
      name={name}
      type="number"
      min={0}
      step={step}
      defaultValue={String(defaults[name])}
      error={errors[name]}
      {...(unit && { unit })}
    />
  );
  const select = (name: ChoiceName, options: readonly Option[], hint?: string) => (
    <SelectField
      label={t(`${name}.label`)}
      hint={hint}
      name={name}
      defaultValue={String(defaults[name])}
      error={errors[name]}
      options={options}
    />
  );
  const check = (name: "sizeBlind" | "flipHorizontal" | "flipVertical", hint?: string) => (
    <div>
      <input type="hidden" name={`${name}-shown`} value="1" />
      <CheckField label={t(`${name}.label`)} hint={hint} name={name} defaultChecked={defaults[name]} />
    </div>
  );
  return (
    <details className="rounded-md border border-line">
      <summary className="cursor-pointer px-3 py-2 font-medium max-sm:py-3">{t("title")}</summary>
      <div className="grid gap-6 border-line border-t p-3">
        <Group title={t("start")}>
          {select(
            "weights",
            pretrainedWeights.options.map((value) => ({
              value,
              label: t(`weights.${value === "nsfwjs-4.4.0" ? "nsfwjs-4-4-0" : value}`),
            })),
            t("weights.hint"),
          )}
          {select(
            "engine",
            engines.map((value) => ({ value, label: t(`engine.${value}`) })),
            t("engine.hint"),
          )}
          {check("sizeBlind", t("sizeBlind.hint"))}
        </Group>
        {network ? (
          <>
            <Group title={t("augmentation")}>
              {check("flipHorizontal")}
              {check("flipVertical")}
              {number("rotationDegrees", { unit: t("units.degrees"), step: "any" })}
              {number("noiseSigma", { unit: t("units.grey"), hint: t("noiseSigma.hint"), step: "any" })}
              {number("blurSigma", { unit: t("units.pixels"), hint: t("blurSigma.hint"), step: "any" })}
            </Group>
            <Group title={t("optimiser")}>
              {number("learningRate", { step: "any" })}
              {select(
                "schedule",
                schedules.map((value) => ({ value, label: t(`schedule.${value}`) })),
              )}
              {number("batchSize", { unit: t("units.images") })}
              {number("microBatch", { unit: t("units.images"), hint: t("microBatch.hint") })}
              {number("headFirstEpochs", { unit: t("units.epochs"), hint: t("headFirstEpochs.hint") })}
              {select(
                "classWeights",
                weightings.map((value) => ({ value, label: t(`classWeights.${value}`) })),
              )}
            </Group>
            <Group title={t("tuning")}>
              {number("tuningFraction", { hint: t("tuningFraction.hint"), step: "any" })}
              {number("patience", { unit: t("units.epochs"), hint: t("patience.hint") })}
              {select(
                "operatingPoint",
                operatingPoints.map((value) => ({ value, label: t(`operatingPoint.${value}`) })),
              )}
            </Group>
          </>
        ) : null}
      </div>
    </details>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset>
      <legend className="mb-2 font-medium text-soft text-sm">{title}</legend>
      <div className="grid grid-cols-2 items-end gap-4 max-sm:grid-cols-1">{children}</div>
    </fieldset>
  );
}
