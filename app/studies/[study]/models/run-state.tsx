import { useTranslations } from "next-intl";
import { Badge } from "@/app/_components/badge";
import type { Run } from "@/server/schemas/model";

const looks = {
  queued: ["neutral", "○"],
  running: ["info", "▶"],
  done: ["success", "✓"],
  failed: ["danger", "✕"],
  cancelled: ["warning", "–"],
} as const;

export function RunState({ state }: { state: Run["state"] }) {
  const t = useTranslations("models.state");
  const [tone, shape] = looks[state];
  return (
    <Badge tone={tone} shape={shape}>
      {t(state)}
    </Badge>
  );
}
