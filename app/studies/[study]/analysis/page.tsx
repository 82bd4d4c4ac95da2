import Link from "next/link";
import { forbidden } from "next/navigation";
import { getLocale, getTranslations } from "next-intl/server";
import { z } from "zod";
import { LeakBadge } from "@/app/_components/badge";
import { Button } from "@/app/_components/button";
import { Fold } from "@/app/_components/fold";
import { LeakNotice } from "@/app/_components/leak-notice";
import { Notice } from "@/app/_components/notice";
import { PageHeader, Section } from "@/app/_components/page-header";
import { SizeNotice } from "@/app/_components/size-notice";
import { UnblindingNotice } from "@/app/_components/unblinding-notice";
import { Hash, When } from "@/app/_components/values";
import { formatIn } from "@/app/_i18n/format";
import { pageTitle } from "@/app/_i18n/page-title";
import { load, orRefusal } from "@/app/_lib/api";
import { atUnit, plannedUnit } from "@/app/_lib/at-unit";
import { splitLeaks } from "@/core/protocol/regimen";
import { familiesOf } from "@/core/stats/comparison/families";
import { matchedReplicates } from "@/core/stats/comparison/matched-points";
import { naturalOrder } from "@/core/text/natural-order";
import { countedUnit } from "@/server/schemas/analysis";
import { AccuracyTable } from "./accuracy-table";
import { AgreementTable, JointAgreementTable } from "./agreement-table";
import { AverageTable } from "./average-table";
import { BundleDownload } from "./bundle-download";
import { ClusteringTable } from "./clustering-table";
import { ComparedRun } from "./compared-run";
import { ComparisonComputation } from "./comparison-computation";
import { ComparisonTable } from "./comparison-table";
import { ConfusionMatrices } from "./confusion-matrices";
import { ForestPlot } from "./forest-plot";
import { MatchedTable } from "./matched-table";
import { CalibrationPlot, DecisionCurve } from "./network-figures";
import { NetworkValues } from "./network-values";
import { NotEvaluableTable } from "./not-evaluable-table";
import { countedOf, isCrowded, prevalenceOf } from "./parties";
import { PrimaryAnswer } from "./primary-answer";
import { ReadingCourse } from "./reading-course";
import { ReadingTable } from "./reading-table";
import { ReadsTable } from "./reads-table";
import { ReportCard } from "./report-card";
import { RocPanels } from "./roc-panels";
import { RocPlot } from "./roc-plot";
import { PrecisionRecallPlot, ScoreHistogram } from "./score-figures";
import { SecondaryTable } from "./secondary-table";
import { SubgroupForest } from "./subgroup-forest";
import { SubgroupTable } from "./subgroup-table";
import { Threshold } from "./threshold";
import { UnitSwitch } from "./unit-switch";
import { WithinReader } from "./within-reader";

export const generateMetadata = pageTitle("analysis.title");

/** The run that is the network; absent: the newest that speaks for it. */
const askedRun = z.uuid().optional();

export default async function AnalysisPage({
  params,
  searchParams,
}: {
  params: Promise<{ study: string }>;
  searchParams: Promise<{ run?: string | string[]; unit?: string | string[] }>;
}) {
  const { study } = await params;
  const { run: named, unit: namedUnit } = await searchParams;
  const t = await getTranslations("analysis");
  const cases = await getTranslations("cases");
  const locale = await getLocale();
  const { list } = formatIn(locale);
  const asked = askedRun.safeParse(named);
  const { frame, compared, report } = await load(async (api) => {
    const frame = await api.study.frame({ study });
    if (!frame.actions.includes("analysis.view")) forbidden();
    const compared = asked.success
      ? await orRefusal(api.analysis.comparison({ study, runId: asked.data }))
      : { answer: null, refusal: t("run.unknown") };
    const analysisId = compared.answer?.job?.id;
    const report = analysisId ? await api.report.newest({ study, analysisId }) : null;
    return { frame, compared, report };
  });
  if (compared.refusal !== null) {
    return (
      <>
        <PageHeader title={t("title")} />
        <Notice tone="warning">
          {compared.refusal}{" "}
          {named !== undefined ? (
            <Link className="text-accent underline underline-offset-2" href={`/studies/${study}/analysis`}>
              {t("run.newest")}
            </Link>
          ) : null}
        </Notice>
      </>
    );
  }
  const { job, stored, locked, runUnderWay, sizes, after } = compared.answer;
  if (!locked || !stored) {
    return (
      <>
        <PageHeader title={t("title")} />
        {locked ? (
          <ComparisonComputation key={asked.data} study={study} runId={asked.data} initial={job} />
        ) : (
          <Notice>{t("beforeLock")}</Notice>
        )}
      </>
    );
  }
  const planned = plannedUnit(stored.comparison);
  const unit = countedUnit.catch(planned).parse(namedUnit);
  // What is drawn by image alone (changes within readers, reading times, curves of scores) stays as it was planned.
  const comparison = atUnit(stored.comparison, unit);
  const { about, network } = comparison;
  const { run } = about;
  const leaks = run && splitLeaks(run) ? <LeakBadge /> : null;
  const drawn = { synthetic: frame.study.synthetic, leaks: leaks !== null };
  const counted = { ...drawn, postHoc: unit !== planned };
  const prevalence = prevalenceOf(comparison);
  const percent = ((100 * about.positiveImages) / about.images).toFixed(1);
  const readersFrom = (source: "simulated" | "imported") =>
    list(
      Object.entries(about.readsFrom)
        .filter(([, sources]) => sources.includes(source))
        .map(([reader]) => reader)
        .sort(naturalOrder),
    );
  const holm = (tests: readonly { kind: string; p: number | null }[]) => {
    const { families } = about.plan;
    if (!families || families.length === 1) return t("holm.all", { count: tests.filter(({ p }) => p !== null).length });
    const apart = familiesOf(tests, families).map(({ kinds, tests: count }) =>
      t("holm.family", { kinds: list(kinds.map((kind) => t("holm.kind", { kind }))), count }),
    );
    return t("holm.apart", { families: list(apart, "apart") });
  };
  return (
    <>
      <PageHeader
        title={t("title")}
        answer={t("answer", {
          images: about.images,
          nodes: about.nodes,
          patients: about.patients,
          positive: about.positiveImages,
          percent,
        })}
        action={
          <>
            <BundleDownload key={job?.id} study={study} runId={run?.id} />
            <Button asChild>
              <Link href={`/studies/${study}/analysis/cases${run ? `?run=${run.id}` : ""}`}>{cases("open")}</Link>
            </Button>
            <Button kind="primary" asChild>
              <a
                href={`/api/studies/${study}/comparison.csv?${new URLSearchParams({ ...(run && { run: run.id }), ...(unit !== planned && { unit }) })}`}
              >
                {t("download")}
              </a>
            </Button>
          </>
        }
      />
      {run ? (
        <ComparedRun study={study} run={run} isNamed={named !== undefined} />
      ) : (
        <Notice tone="warning">
          {runUnderWay ? t("underWay") : t("noNetwork")}{" "}
          <Link
            className="text-accent underline underline-offset-2"
            href={`/studies/${study}/models${runUnderWay ? `/${runUnderWay}` : ""}`}
          >
            {t("follow")}
          </Link>
        </Notice>
      )}
      {run && leaks ? <LeakNotice unit={run.splitUnit} leakage={run.leakage} /> : null}
      {run?.trainable === "elsewhere" ? <Notice tone="warning">{t("elsewhere")}</Notice> : null}
      {readersFrom("simulated") ? (
        <Notice tone="warning">{t("simulated", { readers: readersFrom("simulated") })}</Notice>
      ) : null}
      {readersFrom("imported") ? <Notice>{t("imported", { readers: readersFrom("imported") })}</Notice> : null}
      {about.withoutTruth.images > 0 ? <Notice>{t("withoutTruth", about.withoutTruth)}</Notice> : null}
      {about.unit === "node" ? <Notice>{t("byNode")}</Notice> : null}
      <SizeNotice sizes={sizes} />
      <UnblindingNotice {...after} />
      <UnitSwitch study={study} run={asked.data} shown={unit} planned={planned} rule={about.plan.unit?.rule ?? "any"} />
      <PrimaryAnswer comparison={comparison} leaks={leaks !== null} postHoc={counted.postHoc} />
      <p className="mb-6 max-w-prose text-soft text-sm">
        {t("plan.binds", { version: about.protocol.version })} <Hash value={about.protocol.sha256} />
        {about.excluded > 0 ? ` ${t("plan.excluded", { count: about.excluded })}` : ""}
      </p>
      <ReportCard key={`${job?.id} ${locale}`} study={study} runId={asked.data} initial={report} />
      <Section title={t("accuracy")} aside={leaks}>
        <div className="grid gap-6 *:min-w-0 xl:grid-cols-2">
          <RocPlot comparison={comparison} {...counted} />
          {isCrowded(comparison) ? <RocPanels comparison={comparison} {...counted} /> : null}
          <div className={isCrowded(comparison) ? "xl:col-span-2" : undefined}>
            <ForestPlot comparison={comparison} {...counted} />
          </div>
        </div>
        <div className="mt-4">
          <h3 className="mb-1">{t("table.title")}</h3>
          <p className="mb-2 text-soft text-sm">
            {t("table.unit", { unit, percent: prevalence === null ? percent : (100 * prevalence).toFixed(1) })}
          </p>
          <AccuracyTable comparison={comparison} sizes={sizes} leaks={leaks !== null} />
          <div className="mt-2 grid max-w-prose gap-1 text-soft text-sm">
            <p>{t("table.aucNote")}</p>
            {run ? <Threshold run={run} /> : null}
            <p>{t("table.clustered", { unit })}</p>
          </div>
        </div>
        <div className="mt-6">
          <ConfusionMatrices comparison={comparison} {...counted} />
        </div>
        {comparison.otherClusterings.length > 0 ? (
          <Fold name={t("clustering.title")}>
            <p className="mb-2 max-w-prose text-soft text-sm">
              {t("clustering.note", { ...countedOf(comparison), patients: about.patients })}
            </p>
            <ClusteringTable comparison={comparison} leaks={leaks !== null} />
          </Fold>
        ) : null}
        {comparison.reads.some(
          ({ images, rated, notEvaluable, partly }) => rated < images || notEvaluable + partly > 0,
        ) ? (
          <Fold name={t("reads.title")}>
            <p className="mb-2 max-w-prose text-soft text-sm">{t("reads.note")}</p>
            <ReadsTable comparison={comparison} />
          </Fold>
        ) : null}
        {comparison.notEvaluable.length > 0 ? (
          <Fold name={t("notEvaluable.title")}>
            <p className="mb-2 max-w-prose text-soft text-sm">{t("notEvaluable.note")}</p>
            <NotEvaluableTable comparison={comparison} />
          </Fold>
        ) : null}
      </Section>
      <Section title={t("differences")} aside={leaks}>
        <div className="grid gap-6 *:min-w-0">
          <WithinReader comparison={stored.comparison} synthetic={frame.study.synthetic} />
        </div>
        <Fold name={t("averages.title")}>
          <p className="mb-2 max-w-prose text-soft text-sm">
            {t("averages.note", { holm: holm(comparison.averages.map(({ kind, fixed }) => ({ kind, p: fixed.p }))) })}
          </p>
          <AverageTable comparison={comparison} leaks={leaks !== null} />
        </Fold>
        <Fold name={t("comparisons.title")}>
          <p className="mb-2 max-w-prose text-soft text-sm">
            {t("comparisons.note", { holm: holm(comparison.comparisons) })}
          </p>
          <ComparisonTable comparison={comparison} leaks={leaks !== null} />
          {comparison.secondary.length > 0 ? (
            <>
              <p className="mt-4 mb-2 max-w-prose text-soft text-sm">{t("secondary.note")}</p>
              <SecondaryTable comparison={comparison} leaks={leaks !== null} />
            </>
          ) : null}
        </Fold>
        <Fold name={t("agreement.title")}>
          <p className="mb-2 max-w-prose text-soft text-sm">
            {t("agreement.clustered")}
            {comparison.agreement.some(({ kind }) => kind === "repeats")
              ? ` ${t("agreement.repeats", { unit })}`
              : null}
          </p>
          <AgreementTable comparison={comparison} />
          {comparison.jointAgreement.length > 0 ? <JointAgreementTable comparison={comparison} /> : null}
        </Fold>
        {network && network.matched.length > 0 ? (
          <Fold name={t("matched.title")}>
            <p className="mb-2 max-w-prose text-soft text-sm">{t("matched.note", { replicates: matchedReplicates })}</p>
            <MatchedTable comparison={comparison} network={network} leaks={leaks !== null} />
          </Fold>
        ) : null}
        {comparison.subgroups.length > 0 ? (
          <div className="mt-4">
            <SubgroupForest comparison={comparison} {...drawn} />
            <Fold name={t("subgroups.title")}>
              <p className="mb-2 max-w-prose text-soft text-sm">{t("subgroups.note")}</p>
              <SubgroupTable comparison={comparison} leaks={leaks !== null} />
            </Fold>
          </div>
        ) : null}
        {comparison.readings.length > 0 && unit === planned ? (
          <Fold name={t("readings.title")}>
            <p className="mb-2 max-w-prose text-soft text-sm">{t("readings.note")}</p>
            <ReadingTable comparison={comparison} />
          </Fold>
        ) : null}
      </Section>
      {comparison.figures.courses.length > 0 ? (
        <Section title={t("course.section")}>
          <ReadingCourse comparison={stored.comparison} synthetic={frame.study.synthetic} />
        </Section>
      ) : null}
      {network && stored.comparison.network && stored.comparison.figures.network ? (
        <Section title={t("networkAlone.title")} aside={leaks}>
          <NetworkValues network={network} />
          <div className="grid gap-6 *:min-w-0 xl:grid-cols-2">
            <CalibrationPlot comparison={stored.comparison} network={stored.comparison.network} {...drawn} />
            <ScoreHistogram comparison={stored.comparison} figures={stored.comparison.figures.network} {...drawn} />
            <DecisionCurve comparison={comparison} network={network} {...counted} />
            <PrecisionRecallPlot
              comparison={stored.comparison}
              figures={stored.comparison.figures.network}
              {...drawn}
            />
          </div>
        </Section>
      ) : null}
      <p className="text-soft text-sm">
        {t("computed.by", { methods: stored.methods })} <Hash value={stored.inputSha256} />,{" "}
        <When at={stored.computedAt} />
      </p>
    </>
  );
}
