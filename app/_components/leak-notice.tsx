import { useTranslations } from "next-intl";
import type { SplitUnit } from "@/core/protocol/regimen";
import type { Leakage } from "@/server/schemas/model";
import { Notice } from "./notice";

/** How many held-out images have a sibling in training, over the numbers that are flattered by it. Nothing for a split by patient. */
export function LeakNotice({ unit, leakage }: { unit: SplitUnit; leakage: Leakage | null }) {
  const t = useTranslations("models.leak");
  if (unit === "patient") return null;
  const kinds = leakage
    ? (["sameNode", "sameSubject", "duplicate", "nearDuplicate"] as const).filter((kind) => leakage[kind] > 0)
    : [];
  return (
    <Notice tone="danger" title={t(`title.${unit}`)}>
      {leakage ? (
        <ul className="list-disc pl-5">
          {kinds.map((kind) => (
            <li key={kind}>
              {t(kind, {
                count: leakage[kind],
                of: leakage.heldOut,
                percent: ((100 * leakage[kind]) / Math.max(1, leakage.heldOut)).toFixed(1),
              })}
            </li>
          ))}
        </ul>
      ) : null}
      <p>{t("meaning")}</p>
    </Notice>
  );
}
