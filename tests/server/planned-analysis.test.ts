import { expect, test } from "vitest";
import { paperOf } from "@/core/report/paper";
import { reportRecords } from "@/core/report/records";
import { comparison } from "@/server/schemas/analysis";
import { caseQuestion } from "@/server/schemas/cases";
import { compareStudy } from "@/server/services/analysis/compare-study";
import { loadComparison } from "@/server/services/analysis/load-comparison";
import { viewCases } from "@/server/services/analysis/view-cases";
import { importReads } from "@/server/services/import/import-reads";
import { lockStudy } from "@/server/services/lock/lock-study";
import { reportNode } from "@/server/services/pathology/report-node";
import { loadReportRecords } from "@/server/services/report/load-report-records";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { freshDatabase } from "@/tests/support/database";
import { addPatient, makeStudy, report } from "@/tests/support/study";

const database = await freshDatabase();
const { door } = database;

const criteria = "irregular_border;heterogeneous_signal;round_shape";
/** Of twelve patients every other one is positive and read so; criteria are recorded of every third alone; from 3.75 to 12 mm. */
const patients = Array.from({ length: 12 }, (_, at) => ({
  name: `Patient ${at + 1}`,
  shortAxisMm: 3.75 + 0.75 * at,
  positive: at % 2 === 0,
  seed: at + 1,
  only: ["axial"] as const,
}));

test("Table 1, flow and cases hold what the plan analyses, with the calls that its rules make, as the comparison does", async () => {
  const { source } = await shippedProtocol("demonstration");
  const study = await makeStudy({
    door,
    ownerUrl: database.owner,
    source: source.replace(/^ {2}primary: .*$/m, "  ruleSet: as-printed\n  exclusions: { shortAxisBelowMm: 7 }"),
  });
  const numbers: string[] = [];
  for (const each of patients) {
    const { number, nodeId } = await addPatient(door, study, each);
    await report(door, study, nodeId, each.positive ? "positive" : "negative");
    numbers.push(number);
  }
  // Studied, and not analysed for other reasons than the plan.
  const beside = (seed: number, only: readonly "axial"[]) =>
    addPatient(door, study, { name: `Patient ${seed}`, shortAxisMm: 8, positive: false, seed, only });
  const withoutImage = await beside(20, []);
  await report(door, study, withoutImage.nodeId, "negative");
  await beside(21, ["axial"]);
  const { nodeId: lost } = await beside(22, ["axial"]);
  const { pathologist } = study.members;
  const notFound = {
    specimen: "S1",
    confidence: "certain",
    result: "not_found",
    reason: "Not in the specimen",
  } as const;
  await door.withActor(pathologist, (tx) => reportNode(tx, pathologist, { nodeId: lost, ...notFound }));

  const pi = study.members.principal_investigator;
  const rows = ["R2", "R3"].flatMap((reader) =>
    ["cohort-1", "cohort-2"].flatMap((condition) =>
      patients.map(
        ({ positive }, at) =>
          `${reader},${condition},${numbers[at]},N1,axial,${positive ? "positive" : "negative"},${at % 3 === 0 ? criteria : ""},80`,
      ),
    ),
  );
  const reads = Buffer.from(["reader,condition,subject,node,plane,call,criteria,confidence", ...rows].join("\n"));
  await importReads({ ...pi, role: "importer" }, { reads });
  await door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "Two nodes have no report or image" }));
  const { input, records, cases } = await door.withActor(pi, async (tx) => {
    const { id } = await studyProtocol(tx, pi);
    return {
      input: await loadComparison(tx, pi, { runId: null, protocolVersionId: id }),
      records: reportRecords.parse(await loadReportRecords(tx, pi, {})),
      cases: await viewCases(tx, pi, caseQuestion.parse({})),
    };
  });
  const result = comparison.parse(compareStudy(input));

  expect(result.about).toMatchObject({ images: 7, nodes: 7, patients: 7, excluded: 5 });
  expect(records.baseline).toMatchObject({ patients: { n: { all: 7 } }, lesions: { n: { all: 7 } } });
  const [size] = records.baseline.lesions.rows;
  const measured = patients.map(({ shortAxisMm }) => shortAxisMm).filter((mm) => mm >= 7);
  expect(size).toMatchObject({
    key: "short_axis_mm",
    summary: { all: { mean: measured.reduce((sum, mm) => sum + mm, 0) / measured.length } },
  });
  const { nodes, nodesNotFound, notAnalysed } = records.flow;
  expect({ nodes, nodesNotFound, notAnalysed }).toEqual({
    nodes: 15,
    nodesNotFound: 1,
    notAnalysed: { noImage: 1, noReference: 1, byPlan: 5 },
  });
  expect(nodes).toBe(result.about.nodes + nodesNotFound + 1 + 1 + 5);

  expect(cases.nodes, "those that are analysed, and the two without a truth").toHaveLength(9);
  expect(cases.rules).toBe("Over 9 mm all criteria are needed");
  for (const [place, party] of cases.parties.entries()) {
    const said = cases.nodes.flatMap(({ result: truth, images }) =>
      images.map(({ calls }) => `${truth} ${calls[place]}`),
    );
    const count = (what: string) => said.filter((each) => each === what).length;
    const row = result.rows.find(({ reader, condition }) => reader === party.reader && condition === party.condition);
    expect(row, JSON.stringify(party)).toMatchObject({
      tp: count("positive 1"),
      fn: count("positive 0"),
      tn: count("negative 0"),
      fp: count("negative 1"),
    });
    expect(row?.fn, "the rules call what the readers did not").toBeGreaterThan(0);
  }

  const computed = { inputSha256: "0", methods: "0", at: "2026-01-06T10:00:00.000Z" };
  const { document } = paperOf({ records, result, computed }, "en");
  const text = document.parts.flatMap((part) => (part.kind === "paragraph" ? [part.text] : [])).join("\n");
  expect(text).toMatch(/made anew from its recorded criteria by the rules “Over 9 mm all criteria are needed”/);
  expect(text).toMatch(/5 images were left out of every number: those of .* with a short axis below 7 mm/);
});
