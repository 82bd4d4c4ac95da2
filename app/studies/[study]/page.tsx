import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { Button } from "@/app/_components/button";
import { Notice } from "@/app/_components/notice";
import { Card, PageHeader, Section } from "@/app/_components/page-header";
import { Hash } from "@/app/_components/values";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { Counts } from "./counts";
import { Dashboard } from "./dashboard";

export const generateMetadata = pageTitle("frame.workplace.overview");

/** Work that waits: shown when its count is above zero (or it needs none), to whoever may do it. */
const work = [
  { key: "read", action: "reading.read", path: "/reading", open: true },
  { key: "decide", action: "enrolment.edit", path: "/enrolment", count: "screening", open: true },
  { key: "enrol", action: "enrolment.edit", path: "/enrolment", count: "eligible", open: true },
  { key: "screen", action: "enrolment.edit", path: "/enrolment/screen", open: true },
  { key: "addNodes", action: "imaging.edit", path: "/imaging", count: "enrolledWithoutNode", open: true },
  { key: "crops", action: "imaging.edit", path: "/imaging", count: "nodesLackingCrops", open: true },
  { key: "report", action: "pathology.edit", path: "/pathology", count: "nodesWithoutPathology", open: true },
  { key: "draw", action: "reading.schedule", path: "/reading", count: "cropsUnscheduled", open: true },
  { key: "lock", action: "study.lock", path: "/lock", open: true },
  { key: "train", action: "models.train", path: "/models", open: false },
  { key: "analyse", action: "analysis.view", path: "/analysis", open: false },
  { key: "follow", action: "models.view", path: "/models", open: false },
  { key: "members", action: "study.manage", path: "/admin", open: true },
  { key: "audit", action: "audit.view", path: "/audit" },
] as const;

export default async function OverviewPage({ params }: { params: Promise<{ study: string }> }) {
  const { study } = await params;
  const t = await getTranslations("overview");
  const { frame, state, lists, progress } = await load(async (api) => {
    const frame = await api.study.frame({ study });
    const isWatched = frame.study.state === "running" && frame.actions.includes("reading.progress");
    return {
      frame,
      progress: isWatched ? await api.study.progress({ study }) : null,
      state: frame.actions.includes("study.counts") ? await api.lock.state({ study }) : null,
      lists: frame.actions.includes("reading.read") ? await api.reading.mine({ study }) : [],
    };
  });
  const locked = frame.study.state === "locked";
  const waiting = lists.filter((list) => list.state === "open").reduce((sum, list) => sum + list.total - list.done, 0);
  const counts: Record<string, number> = state?.counts ?? {};
  const tasks = work.flatMap((task) => {
    if (!frame.actions.includes(task.action)) return [];
    if ("open" in task && task.open === locked) return [];
    const count = task.key === "read" ? waiting : "count" in task ? (counts[task.count] ?? 0) : null;
    return count === 0 ? [] : [{ ...task, count: count ?? 0 }];
  });
  const [first, ...others] = tasks;
  return (
    <>
      <PageHeader
        title={frame.study.name}
        answer={first ? t(`do.${first.key}`, { count: first.count }) : locked ? t("locked") : t("running")}
        action={
          first ? (
            <Button kind="primary" asChild>
              <Link href={`/studies/${study}${first.path}`}>{t("next")}</Link>
            </Button>
          ) : null
        }
      />
      {locked ? <Notice tone="success">{t("locked")}</Notice> : null}
      {state && !progress ? (
        <Section title={t("counts")}>
          <Counts counts={state.counts} />
        </Section>
      ) : null}
      <Section title={t("next")}>
        {tasks.length === 0 ? <p className="text-soft">{t("nothing")}</p> : null}
        <ul className="grid max-w-2xl gap-2">
          {[first, ...others].flatMap((task) =>
            task
              ? [
                  <li key={task.key}>
                    <Link
                      href={`/studies/${study}${task.path}`}
                      className="flex items-center justify-between rounded-md border border-line bg-surface px-4 py-3 hover:border-accent"
                    >
                      {t(`do.${task.key}`, { count: task.count })}
                      <span aria-hidden="true">→</span>
                    </Link>
                  </li>,
                ]
              : [],
          )}
        </ul>
      </Section>
      {progress ? <Dashboard study={study} initial={progress} synthetic={frame.study.synthetic} /> : null}
      <Section title={t("protocol")}>
        <Card className="max-w-2xl">
          <p className="font-medium">
            {frame.study.protocolTitle} ({frame.study.protocolVersion})
          </p>
          <p className="mt-1 text-soft text-sm">
            {t("protocolHash")} <Hash value={frame.study.protocolSha256} />
          </p>
        </Card>
      </Section>
    </>
  );
}
