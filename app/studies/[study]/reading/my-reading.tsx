import Link from "next/link";
import { useTranslations } from "next-intl";
import { Badge } from "@/app/_components/badge";
import { Button } from "@/app/_components/button";
import { EmptyState } from "@/app/_components/empty-state";
import { Notice } from "@/app/_components/notice";
import { PageHeader } from "@/app/_components/page-header";
import { Progress } from "@/app/_components/progress";
import { When } from "@/app/_components/values";
import type { PracticeStanding } from "@/server/schemas/practice";
import type { ReadingList } from "@/server/schemas/reading";
import { isUnsigned } from "./is-unsigned";
import { ListSignature } from "./list-signature";
import { PracticeCards } from "./practice/practice-cards";
import { percentOfMark } from "./practice/share";

const looks = {
  open: ["info", "▶"],
  waiting: ["neutral", "○"],
  practice: ["warning", "○"],
  "wash-out": ["warning", "❙❙"],
  complete: ["success", "✓"],
  closed: ["neutral", "■"],
} as const;

/** A reader's own lists and the way into the next case, or into the practice that comes first. */
export function MyReading({
  study,
  lists,
  practice,
  me,
  locked,
}: {
  study: string;
  lists: readonly ReadingList[];
  practice: readonly PracticeStanding[];
  me: { email: string; name: string };
  locked: boolean;
}) {
  const t = useTranslations("reading.reader");
  const words = useTranslations("reading.practice");
  /** Whoever began before practice was asked for reads on. */
  const asked = practice.filter(({ begun, passedRound }) => !begun || passedRound !== null);
  const first = asked.find(
    ({ condition, passedRound }) =>
      passedRound === null &&
      (lists.length === 0 ||
        lists.some(({ state, condition: { key } }) => state === "practice" && key === condition.key)),
  );
  const isUnderWay = first !== undefined && first.round > 0 && first.done < first.total;
  const unsigned = lists.filter(isUnsigned).length;
  const open = lists.filter((list) => list.state === "open");
  const left = open.reduce((sum, list) => sum + list.total - list.done, 0);
  return (
    <>
      <PageHeader
        title={useTranslations("reading")("title")}
        answer={
          first && left === 0
            ? first.cases === 0 && !isUnderWay
              ? words("noCases")
              : words("first", {
                  done: isUnderWay ? first.done : 0,
                  total: isUnderWay ? first.total : first.cases,
                  mark: percentOfMark(first.passMark),
                })
            : t("answer", { left })
        }
        action={
          open.length > 0 ? (
            <Button kind="primary" asChild>
              <Link href={`/studies/${study}/reading/case`}>{t("next")}</Link>
            </Button>
          ) : first && (first.cases > 0 || isUnderWay) ? (
            <Button kind="primary" asChild>
              <Link href={`/studies/${study}/reading/practice/${first.condition.key}`}>{words("practise")}</Link>
            </Button>
          ) : null
        }
      />
      <Notice>{t("hidden")}</Notice>
      <UnsignedNotice lists={locked ? 0 : unsigned} />
      {asked.length > 0 ? <PracticeCards study={study} standings={asked} /> : null}
      {lists.length === 0 ? <EmptyState title={t("none")}>{t("noneHint")}</EmptyState> : null}
      <ul className="grid gap-3 md:grid-cols-2">
        {lists.map((list) => {
          const [tone, shape] = looks[list.state];
          const later = list.condition.shows.length > 0 || list.washOutDays > 0;
          return (
            <li
              key={`${list.condition.key}-${list.batch}`}
              className="grid gap-3 rounded-md border border-line bg-surface p-4"
            >
              <div className="flex flex-wrap items-center justify-between gap-2">
                <h2>
                  {list.condition.label}
                  {list.batch > 1 ? `, ${t("batch", { batch: list.batch })}` : ""}
                </h2>
                <Badge tone={tone} shape={shape}>
                  {t(`state.${list.state}`)}
                </Badge>
              </div>
              <Progress label={t("done", { done: list.done, total: list.total })} done={list.done} total={list.total} />
              <p className="text-soft text-sm">
                {list.condition.shows.includes("size") ? t("sizeShown") : t("sizeHidden")}
              </p>
              {list.state === "waiting" ? <p className="text-sm">{t("waiting", { days: list.washOutDays })}</p> : null}
              {list.state === "practice" ? <p className="text-sm">{t("practiceFirst")}</p> : null}
              {list.state === "wash-out" && list.opensAt ? (
                <p className="text-sm">
                  {t("washOut")} <When at={list.opensAt} />
                </p>
              ) : null}
              {later && list.washOutDays === 0 ? <p className="text-sm text-warning">{t("noWashOut")}</p> : null}
              <ListSignature study={study} me={me} list={list} locked={locked} />
            </li>
          );
        })}
      </ul>
    </>
  );
}

function UnsignedNotice({ lists }: { lists: number }) {
  const t = useTranslations("reading.sign");
  return lists > 0 ? <Notice tone="warning">{t("unsigned", { lists })}</Notice> : null;
}
