import { useTranslations } from "next-intl";
import { useFormat } from "@/app/_i18n/format";
import type { QualityView } from "@/server/schemas/series";
import { Badge } from "./badge";
import { Noted } from "./noted";

/** What the locating radiologist found of the images of an exam, why, and when. */
export function QualityVerdict({ quality: { verdict, reasons, by, at } }: { quality: QualityView }) {
  const t = useTranslations("imaging.quality");
  const { list } = useFormat();
  const isUsable = verdict === "usable";
  return (
    <span className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
      <Badge tone={isUsable ? "success" : "warning"} shape={isUsable ? "●" : "▲"}>
        {t(`verdict.${verdict}`)}
      </Badge>
      {reasons.length > 0 ? <span>{list(reasons)}</span> : null}
      <span className="text-soft text-sm">
        <Noted by={by} at={at} />
      </span>
    </span>
  );
}
