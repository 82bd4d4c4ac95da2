import { useTranslations } from "next-intl";
import { Card, Section } from "@/app/_components/page-header";
import { When } from "@/app/_components/values";
import { useSay } from "@/app/_lib/use-say";
import type { RunProgress } from "@/server/schemas/model";

/** What the worker wrote, oldest first. */
export function RunLog({ log }: { log: RunProgress["log"] }) {
  const t = useTranslations("models.run");
  const say = useSay();
  return (
    <Section title={t("log")}>
      <Card>
        <ol className="grid max-h-96 gap-1 overflow-y-auto text-sm" aria-live="polite" aria-label={t("log")}>
          {log.map((line) => (
            <li key={line.id} className="flex gap-3">
              <span className="shrink-0 text-soft">
                <When at={line.at} />
              </span>
              <span className="min-w-0 break-words">{say(line.line)}</span>
            </li>
          ))}
        </ol>
      </Card>
    </Section>
  );
}
