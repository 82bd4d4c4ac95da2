"use client";

import { useTranslations } from "next-intl";
import { choicesOf } from "@/core/reading/rating";
import type { ReadingCase } from "@/server/schemas/reading";

type Scale = NonNullable<ReadingCase["form"]["rating"]>;

/** How far an arrow key goes: one value, or a twentieth of a scale without steps. */
const stepOf = ({ min, max, step }: Scale) => step ?? (max - min) / 20;

/** The rating that a key sets; undefined: the key is not one of the scale's. Without one yet, arrows begin in the middle. */
export function ratingOfKey(key: string, scale: Scale, rating: number | null): number | undefined {
  if (key === "ArrowUp" || key === "ArrowDown") {
    const { min, max } = scale;
    const step = stepOf(scale);
    const next = rating === null ? middleOf(scale) : rating + (key === "ArrowUp" ? step : -step);
    return Math.max(min, Math.min(max, next));
  }
  const choices = choicesOf(scale);
  if (!/^[0-9]$/.test(key) || !choices) return undefined;
  return (
    choices.find((choice) => choice === Number(key)) ?? (key === "0" ? choices.find((each) => each === 10) : undefined)
  );
}

const middleOf = ({ min, max, step }: Scale) =>
  step === undefined ? (min + max) / 2 : min + step * Math.floor((max - min) / step / 2);

/** The rating on the scale of the protocol: its values side by side where they are few, else a slider. */
export function RatingField({
  scale,
  rating,
  onRate,
}: {
  scale: Scale;
  rating: number | null;
  onRate: (rating: number) => void;
}) {
  const t = useTranslations("reading.case");
  const choices = choicesOf(scale);
  const { min, max, low, high, positiveFrom } = scale;
  return (
    <fieldset className="grid gap-1" data-testid="rating">
      <legend className="mb-1 font-medium">{t("rating")}</legend>
      {choices ? (
        <div className="flex gap-1">
          {choices.map((value) => (
            <label
              key={value}
              className="flex min-h-11 min-w-0 flex-1 items-center justify-center rounded-md border border-line font-medium numbers has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-accent"
            >
              <input
                type="radio"
                name="rating"
                className="sr-only"
                checked={rating === value}
                onChange={() => onRate(value)}
              />
              {value}
            </label>
          ))}
        </div>
      ) : (
        <div className="flex items-center gap-3">
          <input
            aria-label={t("rating")}
            type="range"
            min={min}
            max={max}
            step={scale.step ?? (max - min) / 1000}
            value={rating ?? middleOf(scale)}
            onChange={(event) => onRate(Number(event.target.value))}
            onPointerDown={() => rating === null && onRate(middleOf(scale))}
            className="h-9 w-full accent-accent"
          />
          <span className="numbers min-w-12 text-right font-medium">{rating ?? "–"}</span>
        </div>
      )}
      <div className="flex justify-between gap-4 text-soft text-sm">
        <span>{t("end", { value: min, meaning: low })}</span>
        <span className="text-right">{t("end", { value: max, meaning: high })}</span>
      </div>
      {positiveFrom === undefined ? null : (
        <p className="text-soft text-sm">{t("positiveFrom", { value: positiveFrom })}</p>
      )}
    </fieldset>
  );
}
