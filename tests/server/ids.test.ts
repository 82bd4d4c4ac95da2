import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { and, eq, sql } from "drizzle-orm";
import postgres from "postgres";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sayIn } from "@/core/words";
import { datasetItem, datasetSnapshot } from "@/db/schema";
import { personActor, type StudyActor } from "@/server/door";
import { screenInput } from "@/server/schemas/enrolment";
import { findLabelledCrops } from "@/server/services/dataset/find-labelled-crops";
import { freezeSnapshot } from "@/server/services/dataset/freeze-snapshot";
import { splitCrops } from "@/server/services/dataset/split-crops";
import { findSubject } from "@/server/services/enrolment/find-subject";
import { screenSubject } from "@/server/services/enrolment/screen-subject";
import { addNode } from "@/server/services/imaging/add-node";
import { importCrops } from "@/server/services/import/import-crops";
import { importReads } from "@/server/services/import/import-reads";
import { lockStudy } from "@/server/services/lock/lock-study";
import { subjectsAlike } from "@/server/services/lock/subjects-alike";
import { cautionsOf } from "@/server/services/model/cautions-of";
import { importScores } from "@/server/services/model/import-scores";
import { reportNode } from "@/server/services/pathology/report-node";
import { commandLinePerson } from "@/server/services/study/command-line-person";
import { createStudy } from "@/server/services/study/create-study";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { studyAsCommandLine } from "@/server/services/study/study-as-command-line";
import { freshDatabase } from "@/tests/support/database";
import { fineTuning } from "@/tests/support/model-runs";
import { addPatient, eligible, type MadeStudy, makeStudy } from "@/tests/support/study";

const database = await freshDatabase();
const { door, withActor } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
const folder = mkdtempSync(join(tmpdir(), "nodewise-ids-"));
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await admin.end();
});

const pictures = 20;
beforeAll(async () => {
  for (let seed = 1; seed <= pictures; seed++) {
    let state = seed * 2654435761;
    const pixels = Uint8Array.from({ length: 32 * 32 }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    });
    const png = await sharp(pixels, { raw: { width: 32, height: 32, channels: 1 } })
      .png()
      .toBuffer();
    writeFileSync(join(folder, `${seed}.png`), png);
  }
});

let actor: StudyActor;
let studies = 0;
beforeEach(async () => {
  const personId = await commandLinePerson();
  const { source } = await shippedProtocol("image-set");
  studies += 1;
  const name = `Set ${studies}`;
  await withActor(personActor(personId), (tx) => createStudy(tx, { personId, name, site: "Here", source }));
  ({ actor } = await studyAsCommandLine(name));
});

/** One image of each of these subjects, every other one positive; the node and the plane are typed as the subject is. */
const importOf = (subjects: readonly string[], from = 1) =>
  importCrops(actor, {
    folder,
    manifest: Buffer.from(
      [
        "subject,node,plane,file,truth",
        ...subjects.map((subject, i) => `${subject},n${from + i},image,${from + i}.png,${(from + i) % 2}`),
      ].join("\n"),
    ),
  });
const numbers = () =>
  withActor(actor, (tx) =>
    tx.execute<{ number: string }>(
      sql`select number from subject where study_id = ${actor.studyId} order by number collate "C"`,
    ),
  ).then((rows) => rows.map(({ number }) => number));
const lock = () => withActor(actor, (tx) => lockStudy(tx, actor, { reason: "As it is" }));

describe("a patient typed in two ways", () => {
  const names = ["José", "Zoë", "Ångström", "Müller", "Nuñez", "Façade", "Öz", "Béla", "Žižka", "Dvořák"];

  test("is one subject at the import, in one fold of the split, whether the letters are composed or not", async () => {
    const rows = names.flatMap((name) => [name.normalize("NFC"), name.normalize("NFD")]);
    expect(new Set(rows).size).toBe(20);
    const { added } = await importOf(rows);
    expect(added).toMatchObject({ subjects: 10, nodes: 20, crops: 20 });
    expect((await numbers()).toSorted()).toEqual(names.map((name) => name.normalize("NFC")).toSorted());
    await lock();
    const folds = await withActor(actor, async (tx) => {
      const { snapshotId } = await freezeSnapshot(
        tx,
        actor,
        await splitCrops(await findLabelledCrops(tx, actor), { folds: 5, seed: 1, splitUnit: "patient" }),
      );
      return tx
        .select({ subject: datasetItem.subject, folds: sql<number>`count(distinct ${datasetItem.fold})::int` })
        .from(datasetItem)
        .where(and(eq(datasetItem.snapshotId, snapshotId), eq(datasetItem.studyId, actor.studyId)))
        .groupBy(datasetItem.subject);
    });
    expect(folds).toHaveLength(10);
    expect(new Set(folds.map((each) => each.folds))).toEqual(new Set([1]));
  });

  test("is found again by a second import, by reads, by scores and by number", async () => {
    await importOf(["José", "B"]);
    const decomposed = "Jose\u0301\u200b";
    expect((await importOf([decomposed, "B"])).unchanged).toBe(2);
    const reads = ["reader,condition,subject,node,plane,call", `R2,image,${decomposed},n1,image,positive`];
    const { document } = await withActor(actor, async (tx) => {
      const [row] = await tx.execute<{ document: { conditions: { key: string }[]; readers: string[] } }>(
        sql`select document from protocol_version where study_id = ${actor.studyId}`,
      );
      if (!row) throw new Error("no protocol");
      return row;
    });
    const [condition] = document.conditions;
    const [reader] = document.readers;
    const file = Buffer.from([reads[0], `${reader},${condition?.key},${decomposed},n1,image,positive`].join("\n"));
    expect(await importReads(actor, { reads: file })).toMatchObject({ added: 1 });
    expect((await withActor(actor, (tx) => findSubject(tx, actor, { number: decomposed }))).number).toBe("José");
    await lock();
    const scores = `subject,node,plane,score\n${decomposed},n1,image,0.9\nB,n2,image,0.1`;
    await expect(
      importScores(actor, {
        fileName: "s.csv",
        csv: scores,
        provenance: "A ResNet trained elsewhere",
        threshold: 0.5,
      }),
    ).resolves.toHaveProperty("runId");
  });

  test("also where the study holds it as it was typed before ids were tidied", async () => {
    await importOf(["José", "B"]);
    await admin`alter table subject disable trigger user`;
    await admin`update subject set number = normalize(number, NFD) where study_id = ${actor.studyId}`;
    await admin`alter table subject enable trigger user`;
    expect((await importOf(["José", "B"])).added.subjects).toBe(0);
  });

  test("in a form: name and hospital number come tidied to the services", () => {
    const identity = { name: " Jose\u0301  G. ", hospitalNumber: "T\u200b-777 " };
    expect(screenInput.parse({ identity, answers: {} }).identity).toEqual({ name: "José G.", hospitalNumber: "T-777" });
  });
});

describe("subjects that look alike", () => {
  const rows = [
    "P001",
    "p001",
    "007",
    "7",
    "P004",
    "Ｐ００４",
    "P-005",
    "P\u2010005",
    "1.23E+11",
    "123000000000",
    "other",
  ];

  test("are named in pairs with their rows at the import, those of the study before as well", async () => {
    const { warnings } = await importOf(rows);
    const say = sayIn("en");
    const said = warnings.map(say).filter((warning) => warning.includes("looks like"));
    expect(said).toHaveLength(5);
    expect(said[1]).toContain("subject 7 (row 5) looks like subject 007 (row 4): are they one patient?");
    expect(said.join()).toContain("subject 123000000000 (row 11) looks like subject 1.23E+11 (row 10)");
    const later = (await importOf(["OTHER", "new"], 12)).warnings.map(say);
    expect(later).toEqual([
      expect.stringContaining("subject OTHER (row 2) looks like subject other (in the study before)"),
    ]);
    expect((await importOf(["new2"], 14)).warnings).toEqual([]);
  });

  test("are named on the page of the lock, and with every figure of a run in which they stand on two sides", async () => {
    await importOf([...rows, ...Array.from({ length: 9 }, (_, i) => `S${i}x`)]);
    expect(await withActor(actor, (tx) => subjectsAlike(tx, actor))).toContainEqual(["007", "7"]);
    await lock();
    const [kept] = await withActor(actor, async (tx) => {
      const { snapshotId } = await freezeSnapshot(
        tx,
        actor,
        await splitCrops(await findLabelledCrops(tx, actor), { folds: 5, seed: 1, splitUnit: "patient" }),
      );
      return tx.select().from(datasetSnapshot).where(eq(datasetSnapshot.id, snapshotId));
    });
    const lookAlikes = kept?.lookAlikes ?? [];
    const folds = await admin`select subject, fold from dataset_item where snapshot_id = ${kept?.id ?? ""}`;
    const foldOf = new Map(folds.map(({ subject, fold }) => [subject, fold]));
    expect(lookAlikes.length).toBeGreaterThan(0);
    for (const [first, second] of lookAlikes) expect(foldOf.get(first)).not.toBe(foldOf.get(second));
    const [first, second] = lookAlikes[0] ?? [];
    const said = cautionsOf({ config: fineTuning, leakage: null, lookAlikes }).map(sayIn("en"));
    expect(said).toEqual([expect.stringContaining(`subjects ${first} and ${second}`)]);
    expect(cautionsOf({ config: fineTuning, leakage: null, lookAlikes: [] })).toEqual([]);
  });
});

describe("in a study that enrols", () => {
  let study: MadeStudy;
  beforeEach(async () => {
    study = await makeStudy({ door, ownerUrl: database.owner });
  });
  const screen = (hospitalNumber: string, knownReason?: string, siteId?: string) => {
    const coordinator = { ...study.members.coordinator, siteId: siteId ?? study.siteId };
    return withActor(coordinator, (tx) =>
      screenSubject(tx, coordinator, { identity: { name: "A", hospitalNumber, knownReason }, answers: eligible }),
    );
  };

  test("a hospital number that the site knows needs a reason, in whatever case and with whatever spaces", async () => {
    const { number } = await screen("T-777");
    for (const typed of ["T-777", " t-777", "T- 777", "Ｔ-777"])
      await expect(screen(typed)).rejects.toMatchObject({
        constraint: "hospital_number_known",
        values: { subject: number },
      });
    await expect(screen("T-778")).resolves.toBeDefined();
    const again = await screen("t-777", "Screened anew after the first screening failed");
    const [kept] = await admin`
      select i.known_reason from subject_identity i join subject s on s.id = i.subject_id where s.study_id = ${study.studyId} and s.number = ${again.number}`;
    expect(kept?.known_reason).toMatch(/anew/);
  });

  test("of three that screen one patient together one does, and another site learns nothing", async () => {
    const together = await Promise.allSettled([screen("T-1"), screen("T-1"), screen("T-1")]);
    expect(together.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const [other] = await admin`insert into site (study_id, name) values (${study.studyId}, 'There') returning id`;
    await expect(screen("T-1", undefined, other?.id)).resolves.toBeDefined();
  });

  test("a specimen that is one node already needs a reason to be another, and is corrected without", async () => {
    const { pathologist, locating_radiologist: radiologist } = study.members;
    const first = await addPatient(door, study, { name: "P", shortAxisMm: 6, positive: true, seed: 1 });
    const second = await withActor(radiologist, (tx) =>
      addNode(tx, radiologist, { number: first.number, region: "mesorectal", shortAxisMm: 5 }),
    );
    const report = (nodeId: string, more: { reason?: string; sharedReason?: string } = {}) =>
      withActor(pathologist, (tx) =>
        reportNode(tx, pathologist, {
          ...{ nodeId, specimen: "S1", confidence: "certain", result: "positive", reason: null },
          ...more,
        }),
      );
    await report(first.nodeId);
    await expect(report(second.nodeId)).rejects.toMatchObject({
      constraint: "specimen_of_other_node",
      values: { specimen: "S1", node: "N1" },
    });
    expect(await admin`select id from pathology_report where node_id = ${second.nodeId}`).toEqual([]);
    await report(second.nodeId, { sharedReason: "Cut together, both levels are tumour" });
    await report(first.nodeId, { reason: "Typed wrongly", sharedReason: "Cut together" });
    expect(
      await admin`select shared_reason from node_match where study_id = ${study.studyId} order by matched_at`,
    ).toEqual([
      { shared_reason: null },
      { shared_reason: "Cut together, both levels are tumour" },
      { shared_reason: "Cut together" },
    ]);
  });
});
