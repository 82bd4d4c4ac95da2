import { useTranslations } from "next-intl";
import { cn } from "@/app/_components/class-names";
import { useFormat } from "@/app/_i18n/format";
import type { Passport } from "@/server/schemas/passport";
import { type StationKey, stations } from "./station";

/** The whole way at a glance: every station with what it came to, one click from its record. */
export function Chain({ passport }: { passport: Passport }) {
  const t = useTranslations("passport");
  const result = useTranslations("pathology.result");
  const { day } = useFormat();
  const { subject, node, planes, exams, sizes, crops, reads, pathology, network } = passport;
  /** What stands at a part that is seen; null: nothing yet. */
  const seen = <T,>(part: T | "role" | "lock", value: (part: T) => string | null | undefined): string =>
    part === "role" || part === "lock" ? t("hidden") : (value(part) ?? "–");
  const values: Record<StationKey, string> = {
    patient: subject.number,
    exam: seen(exams, ([newest]) => newest && day(newest.performedOn)),
    node: node.label,
    size: seen(sizes, ([newest]) => newest && t("mm", { length: newest.shortAxisMm.toFixed(2) })),
    crops: seen(crops, (all) => `${all.filter(({ supersededAt }) => supersededAt === null).length} / ${planes.length}`),
    reads: seen(reads, (all) => String(all.filter(({ counts }) => counts).length)),
    specimen: seen(pathology, ([newest]) => newest?.specimen?.label),
    pathology: seen(pathology, ([newest]) => newest && result(newest.result)),
    network: seen(network, ({ run, scores }) => run && t("scores", { count: scores.length })),
  };
  return (
    <nav aria-label={t("chain")} className="mb-8 print:mb-5">
      <ol className="grid grid-cols-3 gap-px overflow-hidden rounded-md border border-line bg-line sm:grid-cols-5 xl:grid-cols-9 print:grid-cols-9">
        {stations.map((name) => (
          <li key={name} className="min-w-0 bg-surface">
            <a href={`#${name}`} className="block px-3 py-2 hover:bg-raised print:px-1.5 print:py-1">
              <span className="block text-soft text-xs">{t(`station.${name}`)}</span>
              <span
                className={cn(
                  "numbers block truncate print:overflow-visible print:text-[10px] print:text-clip",
                  values[name] === t("hidden") || values[name] === "–" ? "text-soft" : "font-medium",
                )}
                title={values[name]}
              >
                {values[name]}
              </span>
            </a>
          </li>
        ))}
      </ol>
    </nav>
  );
}
