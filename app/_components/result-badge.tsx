import { useTranslations } from "next-intl";
import type { PathologyNode } from "@/server/schemas/pathology";
import { Badge } from "./badge";

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
