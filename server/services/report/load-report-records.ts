import { asc, eq } from "drizzle-orm";
import type { Protocol } from "@/core/protocol/protocol";
import { regimenInWords, wordsOf } from "@/core/protocol/regimen-in-words";
import { sizesInWords } from "@/core/reading/sizes-shown";
import { type BaselineItem, type BaselineUnit, baselineTable } from "@/core/report/baseline";
import type { ReportRecords } from "@/core/report/records";
import { sayIn } from "@/core/words";
import type { Tx } from "@/db/actor";
import { currentBaseline, node, site, study, studyLock } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { findLabelledCrops } from "@/server/services/dataset/find-labelled-crops";
import { flowDiagram } from "@/server/services/enrolment/flow-diagram";
import { sizesThatDiffer } from "@/server/services/reading/sizes-that-differ";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { companionResults } from "./companion-results";

/**
 * What a report takes from the records, as counts and summaries, in the language of the actor: by the rights of whoever asks for it, so that it tells
 * nobody more than they may see.
 * @param options.runId the run that is the network, as for the comparison
 * @throws AppError "conflict" before the lock, and as `networkRun`
 */
export async function loadReportRecords(
  tx: Tx,
  actor: StudyActor,
  options: { runId?: string | undefined },
): Promise<ReportRecords> {
  const { document } = await studyProtocol(tx, actor);
  const [about] = await tx
    .select({
      name: study.name,
      synthetic: study.synthetic,
      lockedAt: studyLock.lockedAt,
      lockReason: studyLock.reason,
    })
    .from(study)
    .innerJoin(studyLock, eq(studyLock.studyId, study.id))
    .where(eq(study.id, actor.studyId));
  if (!about) throw new AppError("conflict", { key: "errors.report_before_lock" });
  const sites = await tx.$count(site, eq(site.studyId, actor.studyId));
  const { failureReasons, nodesNotFound, ...flow } = await flowDiagram(tx, actor, { locked: true });
  const { patients, lesions } = await unitsOf(tx, actor);
  const say = sayIn(actor.locale ?? "en");
  const criteriaOf = (kind: "inclusion" | "exclusion") =>
    document.criteria.filter((criterion) => criterion.kind === kind).map(({ text }) => text);
  return {
    study: {
      name: about.name,
      synthetic: about.synthetic,
      sites,
      lockedAt: about.lockedAt.toISOString(),
      lockReason: about.lockReason,
    },
    protocol: {
      title: document.title,
      source: document.source ?? null,
      lesion: document.lesion,
      inclusion: criteriaOf("inclusion"),
      exclusion: criteriaOf("exclusion"),
      planes: document.planes.map(({ label }) => label),
      conditions: document.conditions.map(({ key, label, shows, washOutDays, repeats = null }) => ({
        key,
        label,
        shows,
        washOutDays,
        repeats,
      })),
      criteria: document.form.criteria.map(({ label }) => label),
      confidence: document.form.confidence !== undefined,
      ruleSet: document.ruleSets.find(({ key }) => key === document.form.ruleSet)?.title ?? null,
      network: regimenInWords(document.network, wordsOf(say)).map(([label, text]) => ({
        label,
        text,
      })),
    },
    flow: {
      ...flow,
      failureReasons: failureReasons.map(({ text, count }) => ({ text, count })),
      nodesNotFound: nodesNotFound ?? 0,
    },
    companions: await companionResults(tx, actor, options),
    sizes: (await sizesThatDiffer(tx, actor)).map((each) => say(sizesInWords(each))),
    baseline: {
      patients: baselineTable({ items: patientItems(document), units: patients, tested: true }),
      lesions: baselineTable({
        items: lesionItems(document, actor),
        units: lesions,
        tested: lesions.length === patients.length,
      }),
    },
  };
}

/** What the protocol records of a patient; days and free text stand in no table. */
function patientItems({ baseline }: Protocol): BaselineItem[] {
  return baseline.items.flatMap((item): BaselineItem[] => {
    if (item.type === "number")
      return [
        { kind: "number", key: item.key, label: item.label, unit: item.unit ?? null, decimals: item.decimals ?? 1 },
      ];
    return item.type === "choice" ? [{ kind: "choice", key: item.key, label: item.label, options: item.options }] : [];
  });
}

function lesionItems({ regions }: Protocol, { locale = "en" }: StudyActor): BaselineItem[] {
  const say = sayIn(locale);
  return [
    {
      kind: "number",
      key: "short_axis_mm",
      label: say({ key: "report.table1.short_axis" }),
      unit: say({ key: "report.table1.millimetres" }),
      decimals: 1,
    },
    ...(regions.length > 0
      ? [{ kind: "choice" as const, key: "region", label: say({ key: "report.table1.region" }), options: regions }]
      : []),
  ];
}

/** Patients and lesions with an image that is analysed, each with its truth: a patient is positive who has a positive lesion. */
async function unitsOf(tx: Tx, actor: StudyActor): Promise<{ patients: BaselineUnit[]; lesions: BaselineUnit[] }> {
  const crops = await findLabelledCrops(tx, actor);
  const regions = new Map(
    (await tx.select({ id: node.id, region: node.region }).from(node).where(eq(node.studyId, actor.studyId))).map(
      ({ id, region }) => [id, region],
    ),
  );
  const values = new Map<string, Record<string, number | string>>();
  const rows = await tx
    .select({ subjectId: currentBaseline.subjectId, key: currentBaseline.itemKey, value: currentBaseline.value })
    .from(currentBaseline)
    .where(eq(currentBaseline.studyId, actor.studyId))
    .orderBy(asc(currentBaseline.subjectId), asc(currentBaseline.itemKey));
  for (const { subjectId, key, value } of rows) values.set(subjectId, { ...values.get(subjectId), [key]: value });
  const lesions = new Map<string, BaselineUnit>();
  const patients = new Map<string, BaselineUnit>();
  for (const { nodeId, subjectId, truth, shortAxisMm } of crops) {
    lesions.set(nodeId, { truth, values: { short_axis_mm: shortAxisMm, region: regions.get(nodeId) } });
    const before = patients.get(subjectId);
    patients.set(subjectId, { truth: before?.truth === 1 ? 1 : truth, values: values.get(subjectId) ?? {} });
  }
  return { patients: [...patients.values()], lesions: [...lesions.values()] };
}
