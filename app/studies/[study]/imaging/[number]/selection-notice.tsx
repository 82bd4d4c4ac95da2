import { useTranslations } from "next-intl";
import { Notice } from "@/app/_components/notice";
import { useFormat } from "@/app/_i18n/format";
import type { ImagingView } from "@/server/schemas/imaging";

/** Regions of which not the largest node alone is in the study, where the protocol takes that one: a warning with the sizes. */
export function SelectionNotice({ selection }: { selection: ImagingView["selection"] }) {
  const t = useTranslations("imaging.subject");
  const { list, sentences } = useFormat();
  if (selection.length === 0) return null;
  const sized = ({ label, shortAxisMm }: { label: string; shortAxisMm: number | null }) =>
    t("sized", { label, size: shortAxisMm === null ? "–" : String(Math.round(100 * shortAxisMm) / 100) });
  return (
    <Notice tone="warning" title={t("selection")}>
      <ul>
        {selection.map(({ subject, region, kept, larger }) => (
          <li key={`${subject} ${region}`} className="numbers">
            {sentences(
              kept.length > 1 ? t("several", { region, count: kept.length, nodes: list(kept.map(sized)) }) : null,
              larger && kept[0] ? t("larger", { region, kept: sized(kept[0]), larger: sized(larger) }) : null,
            )}
          </li>
        ))}
      </ul>
    </Notice>
  );
}
