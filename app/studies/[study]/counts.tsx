import { useTranslations } from "next-intl";

/** Where a study stands, in six numbers. */
export function Counts({ counts }: { counts: Readonly<Record<string, number>> }) {
  const t = useTranslations("overview");
  const tile = (label: string, value: number | undefined, of?: string) => (
    <div className="rounded-md border border-line bg-surface p-3">
      <dt className="text-soft text-sm">{label}</dt>
      <dd>
        <span className="numbers font-semibold text-2xl">{value ?? 0}</span>{" "}
        {of ? <span className="text-soft text-sm">{of}</span> : null}
      </dd>
    </div>
  );
  return (
    <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-6">
      {tile(t("screened"), counts.screened)}
      {tile(t("enrolled"), counts.enrolled)}
      {tile(t("nodes"), counts.nodes)}
      {tile(t("crops"), counts.crops)}
      {tile(
        t("pathology"),
        (counts.nodes ?? 0) - (counts.nodesWithoutPathology ?? 0),
        t("ofNodes", { total: counts.nodes ?? 0 }),
      )}
      {tile(t("reads"), counts.readsSubmitted, t("ofReads", { total: counts.readsScheduled ?? 0 }))}
    </dl>
  );
}
