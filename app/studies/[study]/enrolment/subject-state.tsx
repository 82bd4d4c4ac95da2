import { useTranslations } from "next-intl";
import { Badge } from "@/app/_components/badge";
import type { SubjectSummary } from "@/server/schemas/enrolment";

const looks = {
  screening: ["warning", "?"],
  screen_failure: ["neutral", "✕"],
  eligible: ["info", "○"],
  enrolled: ["success", "✓"],
} as const;

export function SubjectState({ status, withdrawn }: Pick<SubjectSummary, "status" | "withdrawn">) {
  const t = useTranslations("enrolment.status");
  const withdrawal = useTranslations("enrolment.withdrawal");
  const [tone, shape] = looks[status];
  return (
    <span className="inline-flex gap-1">
      <Badge tone={tone} shape={shape}>
        {t(status)}
      </Badge>
      {withdrawn ? (
        <Badge tone="danger" shape="–">
          {withdrawal("badge")}
        </Badge>
      ) : null}
    </span>
  );
}
