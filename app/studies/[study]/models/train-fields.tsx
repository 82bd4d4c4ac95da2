import { useTranslations } from "next-intl";
import { SelectField, TextField } from "@/app/_components/field";
import { Notice } from "@/app/_components/notice";
import { deepest, frozenConvolutions, isDepth } from "@/core/network/freezing";
import { convolutions } from "@/core/network/inception";
import { frozenUnit, splitUnit } from "@/core/protocol/regimen";
import type { TrainInput } from "@/server/schemas/model";

/** What most runs are decided by: depth, split, folds, seed, epochs. */
export function TrainFields({
  defaults,
  asked,
  errors,
}: {
  defaults: Required<TrainInput>;
  asked: Required<TrainInput>;
  errors: Record<string, string>;
}) {
  const t = useTranslations("models.train");
  const network = defaults.trainable === "network";
  return (
    <>
      {network ? <FrozenFields defaults={defaults} asked={asked} errors={errors} /> : null}
      <SplitField defaults={defaults} asked={asked} errors={errors} />
      <div className="grid grid-cols-3 gap-4 max-sm:grid-cols-1">
        <TextField
          label={t("folds")}
          name="folds"
          type="number"
          min={2}
          max={20}
          defaultValue={defaults.folds}
          error={errors.folds}
        />
        <TextField
          label={t("epochs")}
          name="epochs"
          type="number"
          min={1}
          max={100000}
          defaultValue={defaults.epochs}
          error={errors.epochs}
        />
        <TextField
          label={t("seed")}
          name="seed"
          type="number"
          min={0}
          max={2147483647}
          defaultValue={defaults.seed}
          error={errors.seed}
        />
      </div>
    </>
  );
}

interface Part {
  defaults: Required<TrainInput>;
  asked: Required<TrainInput>;
  errors: Record<string, string>;
}

function FrozenFields({ defaults, asked, errors }: Part) {
  const t = useTranslations("models.train");
  const count = isDepth(asked) ? frozenConvolutions(asked) : null;
  const highest = deepest[asked.frozenUnit];
  return (
    <div>
      <div className="grid grid-cols-2 items-end gap-4 max-sm:grid-cols-1">
        <TextField
          label={t("frozen")}
          name="frozen"
          type="number"
          min={0}
          max={highest}
          defaultValue={defaults.frozen}
          error={errors.frozen}
        />
        <SelectField
          label={t("frozenUnit")}
          name="frozenUnit"
          defaultValue={defaults.frozenUnit}
          error={errors.frozenUnit}
          options={frozenUnit.options.map((value) => ({ value, label: t(`units.${value}`) }))}
        />
      </div>
      <p className="mt-1 text-soft text-sm" role="status">
        {count === null
          ? t("frozenTooMany", { highest })
          : t("frozenCount", { count, of: convolutions, unit: asked.frozenUnit, frozen: asked.frozen })}
      </p>
    </div>
  );
}

/** What a split keeps together, with what it lets leak. */
export function SplitField({
  defaults,
  asked,
  errors,
}: Pick<Part, "errors"> & {
  defaults: Pick<Required<TrainInput>, "splitUnit">;
  asked: Pick<Required<TrainInput>, "splitUnit">;
}) {
  const t = useTranslations("models.train");
  const unit = asked.splitUnit;
  return (
    <div className="grid gap-2 [&_[role=note]]:mb-0">
      <SelectField
        label={t("split")}
        name="splitUnit"
        defaultValue={defaults.splitUnit}
        error={errors.splitUnit}
        options={splitUnit.options.map((value) => ({ value, label: t(`splits.${value}`) }))}
      />
      {unit === "patient" ? (
        <p className="text-soft text-sm">{t("splitHint")}</p>
      ) : (
        <Notice tone="danger" title={t(`splitWarning.title`)}>
          {t(`splitWarning.${unit}`)}
        </Notice>
      )}
    </div>
  );
}
