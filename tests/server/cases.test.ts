import { beforeAll, expect, test } from "vitest";
import { type CasesInput, type CasesOutput, caseQuestion, casesInput } from "@/server/schemas/cases";
import { viewCases } from "@/server/services/analysis/view-cases";
import { importCrops } from "@/server/services/import/import-crops";
import { importReads } from "@/server/services/import/import-reads";
import { lockStudy } from "@/server/services/lock/lock-study";
import { freshDatabase } from "@/tests/support/database";
import { type MadeStudy, makeStudy } from "@/tests/support/study";

const { door, owner: ownerUrl } = await freshDatabase();
let study: MadeStudy;

const subjects = Array.from({ length: 120 }, (_, at) => `P${String(at + 1).padStart(3, "0")}`);
const isPositive = (at: number) => at % 2 === 0;
/** R2 misses every fourth patient without the size and none with it; R3 is right. */
const isMissed = (at: number) => at % 4 === 0;

beforeAll(async () => {
  study = await makeStudy({ door, ownerUrl });
  const { principal_investigator: pi } = study.members;
  const importer = { ...pi, role: "importer" as const };
  const images = subjects.flatMap((subject, at) =>
    ["axial", "sagittal"].map((plane) => `${subject},N1,${plane},${isPositive(at) ? 1 : 0}`),
  );
  await importCrops(importer, {
    manifest: Buffer.from(["subject,node,plane,truth", ...images].join("\n")),
    folder: "/",
    pictures: false,
  });
  const reads = subjects.flatMap((subject, at) => {
    const truth = isPositive(at) ? 1 : 0;
    return [
      `R2,cohort-1,${subject},N1,axial,${isMissed(at) ? 0 : truth},70`,
      `R2,cohort-2,${subject},N1,axial,${truth},70`,
      `R3,cohort-1,${subject},N1,axial,${truth},90`,
    ];
  });
  await importReads(importer, {
    reads: Buffer.from(["reader,condition,subject,node,plane,call,confidence", ...reads].join("\n")),
  });
  await door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "R3 read one condition" }));
});

const look = (asked: Partial<CasesInput> = {}): Promise<CasesOutput> => {
  const { data_scientist: scientist } = study.members;
  return door.withActor(scientist, (tx) => viewCases(tx, scientist, { ...caseQuestion.parse({}), ...asked }));
};
const names = ({ nodes }: CasesOutput) => nodes.map(({ subject }) => subject);

test("cases come a page at a time, with their calls, and every page together holds each case once", async () => {
  const pages = [];
  for (const page of [1, 2, 3]) pages.push(await look({ page }));
  expect(pages.map(({ nodes }) => nodes.length)).toEqual([50, 50, 20]);
  expect(pages.flatMap(names)).toEqual(subjects);
  expect(pages.flatMap(({ nodes }) => nodes.map(({ place }) => place))).toEqual(subjects.map((_, at) => at + 1));
  for (const { of, found, pages: count, parties } of pages) {
    expect({ of, found, count }).toEqual({ of: { nodes: 120, images: 240 }, found: 120, count: 3 });
    expect(parties.map(({ reader, condition }) => `${reader} ${condition}`)).toEqual([
      "R2 cohort-1",
      "R2 cohort-2",
      "R3 cohort-1",
    ]);
  }
  const [, , last] = pages;
  expect(last?.nodes[0]).toMatchObject({
    subject: "P101",
    result: "positive",
    images: [
      { plane: "Axial", answers: true, calls: [0, 1, 1], confidences: [70, 70, 90] },
      { plane: "Sagittal", answers: true, calls: [null, null, null], confidences: [null, null, null] },
    ],
  });
});

test("what is asked is found over the whole study, whatever page is looked at", async () => {
  const missed = subjects.filter((_, at) => isMissed(at));
  const asked = await look({ show: "missed", reader: "R2" });
  expect(asked).toMatchObject({ found: 30, page: 1, pages: 1, of: { nodes: 120, images: 240 } });
  expect(names(asked)).toEqual(missed);
  expect(asked.nodes[0]?.images.map(({ answers }) => answers)).toEqual([true, false]);
  expect(await look({ show: "missed", reader: "R3" })).toMatchObject({ found: 0, page: 1, pages: 1, nodes: [] });
  expect((await look({ show: "changed" })).found).toBe(30);
  expect((await look({ show: "disagreement", condition: "cohort-2" })).found, "R3 read none of it").toBe(0);
  expect(names(await look({ sort: "wrong" })).slice(0, 31)).toEqual([...missed, "P002"]);
});

test("what the question or the study does not have is not heeded, and the answer says so", async () => {
  const asked = await look({ show: "disagreement", reader: "R2", condition: "cohort-1" });
  expect(asked).toMatchObject({ found: 30, asked: { reader: null, condition: "cohort-1" } });
  expect(await look({ show: "changed", condition: "cohort-1" })).toMatchObject({
    found: 30,
    asked: { condition: null },
  });
  // There is no network: nothing is right or wrong of it.
  expect(await look({ network: "wrong", sort: "error" })).toMatchObject({
    found: 120,
    asked: { network: "any", sort: "study" },
  });
});

test("a case is opened on its page, and behind the last page there is none", async () => {
  const nodeId = (await look({ page: 2 })).nodes[7]?.id;
  expect(await look({ nodeId })).toMatchObject({ page: 2 });
  expect(await look({ nodeId, page: 3 }), "the page is named").toMatchObject({ page: 3 });
  expect(await look({ nodeId, show: "missed" }), "P058 was missed by nobody").toMatchObject({ page: 1 });
  expect(await look({ page: 9 })).toMatchObject({ page: 3 });
});

test("a question that cannot be is refused with its field", () => {
  const wrong = casesInput.safeParse({ show: "nonsense", sort: 1, page: 0, nodeId: "x", reader: "R\n2" });
  expect(wrong.error?.issues.map(({ path }) => path.join("."))).toEqual(["show", "reader", "sort", "page", "nodeId"]);
  expect(casesInput.parse({})).toEqual(caseQuestion.parse({}));
});
