import { useTranslations } from "next-intl";
import { Notice } from "./notice";

/** Reads that were made after their reader had been told something of the patient. Nothing where there are none. */
export function UnblindingNotice({ reads, patients }: { reads: number; patients: number }) {
  const t = useTranslations("parts.unblinding");
  return reads > 0 ? <Notice tone="warning">{t("reads", { reads, patients })}</Notice> : null;
}
