import { useTranslations } from "next-intl";
import { Notice } from "@/app/_components/notice";
import { Section } from "@/app/_components/page-header";
import type { PracticeProgress } from "@/server/schemas/practice";
import { percentOf, percentOfMark } from "./share";

/** For whoever follows the readers: who has passed the practice, in which round and with which share. */
export function PracticeTable({ practice }: { practice: PracticeProgress & { passMark: number } }) {
  const t = useTranslations("reading.practice");
  const { passMark, cases, readers } = practice;
  return (
    <Section title={t("section")}>
      {cases === 0 ? (
        <Notice tone="warning" title={t("noCases")}>
          {t("bring")}
        </Notice>
      ) : null}
      <p className="mb-3 text-soft">{t("plan", { cases, mark: percentOfMark(passMark) })}</p>
      <ul className="grid gap-2" data-testid="practice-table">
        {readers.map(({ readerCode, condition, rounds, passed, begun }) => (
          <li key={`${readerCode} ${condition}`} className="flex flex-wrap gap-x-4 border-line border-b pb-2">
            <span className="min-w-12 font-medium">{readerCode}</span>
            <span className="min-w-40">{condition}</span>
            <span>
              {passed
                ? t("passedIn", { round: passed.round, share: percentOf(passed.correct, passed.total) })
                : begun
                  ? t("begunBefore")
                  : t("notPassedYet", { rounds })}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
