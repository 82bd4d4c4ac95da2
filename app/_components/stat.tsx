"use client";

import { useTranslations } from "next-intl";
import { Tooltip } from "radix-ui";
import { useSay } from "@/app/_lib/use-say";
import type { Said } from "@/core/words";
import { useMarks } from "./footnotes";

export interface StatValue {
  estimate: number | null;
  lower?: number | null | undefined;
  upper?: number | null | undefined;
  method: Said;
  n: number;
  reason?: Said | undefined;
  caution?: Said | undefined;
}

/** A fraction as a percentage, or an area or kappa as a plain number. */
const formatStat = (value: number, as: "percent" | "number"): string =>
  as === "percent" ? `${(100 * value).toFixed(1)}` : value.toFixed(3);

/** An estimate with its 95 % interval; method and n on hover and focus, and the notes whose marks it carries (`Footnotes`). */
export function Stat({ value, as = "percent" }: { value: StatValue; as?: "percent" | "number" }) {
  const t = useTranslations("parts.stat");
  const say = useSay();
  const { own, atHeading } = useMarks(value);
  const missing = value.estimate === null;
  const interval =
    typeof value.lower === "number" && typeof value.upper === "number"
      ? t("interval", { lower: formatStat(value.lower, as), upper: formatStat(value.upper, as) })
      : null;
  return (
    <Tooltip.Provider delayDuration={150}>
      <Tooltip.Root>
        <Tooltip.Trigger asChild>
          <button type="button" className="numbers cursor-help whitespace-nowrap rounded-sm text-right">
            {value.estimate === null ? "–" : formatStat(value.estimate, as)}
            {own.length > 0 ? <sup className="ml-0.5 font-medium">{own.join(", ")}</sup> : null}
            {atHeading.length > 0 ? (
              <sup className="ml-0.5 font-medium sm:hidden print:hidden">{atHeading.join(", ")}</sup>
            ) : null}
            {interval ? <span className="block text-soft text-xs">{interval}</span> : null}
          </button>
        </Tooltip.Trigger>
        <Tooltip.Portal>
          <Tooltip.Content
            sideOffset={4}
            className="z-50 max-w-72 rounded-md border border-line bg-raised px-3 py-2 text-sm shadow-card"
          >
            {missing ? <p>{t("notEstimable", { reason: value.reason ? say(value.reason) : "" })}</p> : null}
            <p>{say(value.method)}</p>
            <p className="text-soft">n = {value.n}</p>
            {value.caution ? <p className="mt-1">{t("caution", { caution: say(value.caution) })}</p> : null}
          </Tooltip.Content>
        </Tooltip.Portal>
      </Tooltip.Root>
    </Tooltip.Provider>
  );
}
