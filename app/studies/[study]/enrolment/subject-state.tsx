import { useTranslations } from "next-intl";
import { Badge } from "@/app/_components/badge";
import type { SubjectSummary } from "@/server/schemas/enrolment";

const looks = {
  screening: ["warning", "?"],
  screen_failure: ["neutral", "✕"],
  eligible: ["info", "○"],
  enrolled: ["success", "✓"],
} as const;

export function SubjectState({ status }: { status: SubjectSummary["status"] }) {
  const t = useTranslations("enrolment.status");
  const [tone, shape] = looks[status];
  return (
    <Badge tone={tone} shape={shape}>
      {t(status)}
    </Badge>
  );
}
