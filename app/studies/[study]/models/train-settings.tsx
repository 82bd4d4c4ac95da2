import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { CheckField, SelectField, TextField } from "@/app/_components/field";
import { pretrainedWeights } from "@/core/protocol/regimen";
import { type TrainInput, trainInput } from "@/server/schemas/model";

type Name = keyof TrainInput;
const engines = trainInput.shape.engine.unwrap().options;

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
  const number = (name: Name, unit?: string, step: string = "1") => (
    <TextField
      label={t(`${name}.label`)}
      hint={t.has(`${name}.hint`) ? t(`${name}.hint`) : undefined}
      name={name}
      type="number"
      min={0}
      step={step}
      defaultValue={String(defaults[name])}
      error={errors[name]}
      {...(unit && { unit })}
    />
  );
  const select = (name: Name, options: readonly string[]) => (
    <SelectField
      label={t(`${name}.label`)}
      hint={t.has(`${name}.hint`) ? t(`${name}.hint`) : undefined}
      name={name}
      defaultValue={String(defaults[name])}
      error={errors[name]}
      options={options.map((value) => ({ value, label: t(`${name}.${value.replaceAll(".", "-")}`) }))}
    />
  );
  const check = (name: "sizeBlind" | "flipHorizontal" | "flipVertical") => (
    <div>
      <input type="hidden" name={`${name}-shown`} value="1" />
      <CheckField
        label={t(`${name}.label`)}
        hint={t.has(`${name}.hint`) ? t(`${name}.hint`) : undefined}
        name={name}
        defaultChecked={defaults[name]}
      />
    </div>
  );
  return (
    <details className="rounded-md border border-line">
      <summary className="cursor-pointer px-3 py-2 font-medium max-sm:py-3">{t("title")}</summary>
      <div className="grid gap-6 border-line border-t p-3">
        <Group title={t("start")}>
          {select("weights", pretrainedWeights.options)}
          {select("engine", engines)}
          {check("sizeBlind")}
        </Group>
        {network ? (
          <>
            <Group title={t("augmentation")}>
              {check("flipHorizontal")}
              {check("flipVertical")}
              {number("rotationDegrees", t("units.degrees"), "any")}
              {number("noiseSigma", t("units.grey"), "any")}
              {number("blurSigma", t("units.pixels"), "any")}
            </Group>
            <Group title={t("optimiser")}>
              {number("learningRate", undefined, "any")}
              {select("schedule", ["time-decay", "cosine"])}
              {number("batchSize", t("units.images"))}
              {number("microBatch", t("units.images"))}
              {number("headFirstEpochs", t("units.epochs"))}
              {select("classWeights", ["none", "balanced"])}
            </Group>
            <Group title={t("tuning")}>
              {number("tuningFraction", undefined, "any")}
              {number("patience", t("units.epochs"))}
              {select("operatingPoint", ["fixed", "youden"])}
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
