import Link from "next/link";
import { useTranslations } from "next-intl";
import { Badge } from "@/app/_components/badge";
import { Button } from "@/app/_components/button";
import { Section } from "@/app/_components/page-header";
import { Progress } from "@/app/_components/progress";
import type { PracticeStanding } from "@/server/schemas/practice";
import { percentOf, percentOfMark } from "./share";

/** Of each condition that asks its reader for practice, how far that is, and the way there. */
export function PracticeCards({ study, standings }: { study: string; standings: readonly PracticeStanding[] }) {
  const t = useTranslations("reading.practice");
  return (
    <Section title={t("section")}>
      <ul className="grid gap-3 md:grid-cols-2" data-testid="practice-cards">
        {standings.map(({ condition, passMark, cases, round, total, done, correct, passedRound }) => {
          const isUnderWay = round > 0 && done < total;
          const hasFailed = round > 0 && !isUnderWay && passedRound === null;
          const mark = percentOfMark(passMark);
          return (
            <li key={condition.key} className="grid content-start gap-3 rounded-md border border-line bg-surface p-4">
              <div className="flex flex-wrap items-center justify-between gap-2">
                <h3>{condition.label}</h3>
                {passedRound === null ? (
                  <Badge tone="warning" shape="○">
                    {t("asked")}
                  </Badge>
                ) : (
                  <Badge tone="success" shape="✓">
                    {t("isPassed")}
                  </Badge>
                )}
              </div>
              {passedRound !== null ? (
                <p className="text-sm">{t("passedIn", { round: passedRound, share: percentOf(correct, total) })}</p>
              ) : cases === 0 && !isUnderWay ? (
                <p className="text-sm">{t("noCasesHint", { mark })}</p>
              ) : (
                <>
                  <Progress
                    label={t("first", { done: isUnderWay ? done : 0, total: isUnderWay ? total : cases, mark })}
                    done={isUnderWay ? done : 0}
                    total={isUnderWay ? total : cases}
                  />
                  {hasFailed ? (
                    <p className="text-sm">
                      {t("lastRound", { round, correct, total, share: percentOf(correct, total) })}
                    </p>
                  ) : null}
                  <div>
                    <Button asChild>
                      <Link href={`/studies/${study}/reading/practice/${condition.key}`}>
                        {t(isUnderWay ? "goOn" : hasFailed ? "repeat" : "practise")}
                      </Link>
                    </Button>
                  </div>
                </>
              )}
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
