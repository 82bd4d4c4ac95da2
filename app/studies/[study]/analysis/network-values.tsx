"use client";

import { useTranslations } from "next-intl";
import { Footnotes } from "@/app/_components/footnotes";
import { Stat, type StatValue } from "@/app/_components/stat";
import type { ComparisonOutput } from "@/server/schemas/analysis";

/** Average precision, Brier score and calibration of the network, each with what it is to be held against. */
export function NetworkValues({ network }: { network: NonNullable<ComparisonOutput["network"]> }) {
  const t = useTranslations("analysis.networkAlone");
  const values: { name: string; hint: string; value: StatValue }[] = [
    {
      name: t("averagePrecision"),
      hint: t("averagePrecisionHint", { prevalence: network.prevalence.toFixed(3) }),
      value: network.averagePrecision,
    },
    { name: t("brier"), hint: t("brierHint"), value: network.brier },
    { name: t("intercept"), hint: t("interceptHint"), value: network.calibrationInTheLarge },
    { name: t("slope"), hint: t("slopeHint"), value: network.calibrationSlope },
  ];
  return (
    <div className="mb-6">
      <Footnotes of={values.map(({ value }) => value)}>
        <dl className="grid gap-4 sm:grid-cols-2 xl:grid-cols-4">
          {values.map(({ name, hint, value }) => (
            <div key={name} className="rounded-md border border-line bg-surface p-4">
              <dt className="text-soft text-sm">{name}</dt>
              <dd className="[&_button]:text-left [&_button]:text-lg">
                <Stat value={value} as="number" />
                <p className="mt-1 text-soft text-sm">{hint}</p>
              </dd>
            </div>
          ))}
        </dl>
      </Footnotes>
    </div>
  );
}
