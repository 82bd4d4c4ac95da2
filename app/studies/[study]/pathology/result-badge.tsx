import { useTranslations } from "next-intl";
import { Badge } from "@/app/_components/badge";
import type { PathologyNode } from "@/server/schemas/pathology";

const looks = {
  positive: ["danger", "+"],
  negative: ["success", "−"],
  not_found: ["warning", "?"],
  none: ["neutral", "○"],
} as const;

export function ResultBadge({ result }: { result: PathologyNode["reports"][number]["result"] | null }) {
  const t = useTranslations("pathology.result");
  const [tone, shape] = looks[result ?? "none"];
  return (
    <Badge tone={tone} shape={shape}>
      {t(result ?? "none")}
    </Badge>
  );
}
