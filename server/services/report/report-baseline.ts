import { asc, eq } from "drizzle-orm";
import type { Protocol } from "@/core/protocol/protocol";
import { type BaselineItem, type BaselineUnit, baselineTable } from "@/core/report/baseline";
import type { ReportRecords } from "@/core/report/records";
import { sayIn } from "@/core/words";
import type { Tx } from "@/db/actor";
import { currentBaseline } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { analysedCrops, type RegionedCrop } from "@/server/services/analysis/analysed-crops";
import { studyProtocol } from "@/server/services/study/study-protocol";

type Asked = Pick<StudyActor, "studyId" | "locale">;

/** Table 1 out of the records: baseline of patients and of lesions by truth, in the language of who asks. */
export async function reportBaseline(tx: Tx, actor: Asked): Promise<ReportRecords["baseline"]> {
  const { document } = await studyProtocol(tx, actor);
  const { crops } = await analysedCrops(tx, actor, document);
  const { patients, lesions } = await unitsOf(tx, actor, crops);
  return {
    patients: baselineTable({ items: patientItems(document), units: patients, tested: true }),
    lesions: baselineTable({
      items: lesionItems(document, actor),
      units: lesions,
      tested: lesions.length === patients.length,
    }),
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

function lesionItems({ regions }: Protocol, { locale = "en" }: Asked): BaselineItem[] {
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
async function unitsOf(
  tx: Tx,
  { studyId }: Asked,
  crops: readonly RegionedCrop[],
): Promise<{ patients: BaselineUnit[]; lesions: BaselineUnit[] }> {
  const values = new Map<string, Record<string, number | string>>();
  const rows = await tx
    .select({ subjectId: currentBaseline.subjectId, key: currentBaseline.itemKey, value: currentBaseline.value })
    .from(currentBaseline)
    .where(eq(currentBaseline.studyId, studyId))
    .orderBy(asc(currentBaseline.subjectId), asc(currentBaseline.itemKey));
  for (const { subjectId, key, value } of rows) values.set(subjectId, { ...values.get(subjectId), [key]: value });
  const lesions = new Map<string, BaselineUnit>();
  const patients = new Map<string, BaselineUnit>();
  for (const { nodeId, subjectId, truth, shortAxisMm, region } of crops) {
    lesions.set(nodeId, { truth, values: { short_axis_mm: shortAxisMm, region } });
    const before = patients.get(subjectId);
    patients.set(subjectId, { truth: before?.truth === 1 ? 1 : truth, values: values.get(subjectId) ?? {} });
  }
  return { patients: [...patients.values()], lesions: [...lesions.values()] };
}
