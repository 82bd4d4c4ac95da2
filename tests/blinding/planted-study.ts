import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll } from "vitest";
import { receiveImages } from "@/server/services/inbox/receive-images";
import { reportNode } from "@/server/services/pathology/report-node";
import { beginPractice } from "@/server/services/practice/begin-practice";
import { openPractice } from "@/server/services/practice/open-practice";
import { submitPractice } from "@/server/services/practice/submit-practice";
import { correctRead } from "@/server/services/reading/correct-read";
import { openCase } from "@/server/services/reading/open-case";
import { submitRead } from "@/server/services/reading/submit-read";
import { beginUpload } from "@/server/services/series/begin-upload";
import { takeFile } from "@/server/services/series/take-file";
import { studyAsCommandLine } from "@/server/services/study/study-as-command-line";
import { freshDatabase } from "@/tests/support/database";
import { slice } from "@/tests/support/dicom";
import { fineTuning } from "@/tests/support/model-runs";
import { bringPractice, practisedProtocol } from "@/tests/support/practice";
import { drawnPractice } from "@/tests/support/practice-folder";
import { addPatient, draw, makeStudy, readCases, readOf, withoutLooking } from "@/tests/support/study";

/** Patients with names, sizes and specimens that stand nowhere else; sizes from the least to the largest, so that images without them could tell. */
const patients = [
  { name: "Ottoline Wintergreen", shortAxisMm: 3.17, positive: true, seed: 70_001, specimen: "QUOKKA-1" },
  { name: "Barnaby Quillfeather", shortAxisMm: 7.37, positive: false, seed: 70_002, specimen: "QUOKKA-2" },
  { name: "Seraphina Nightjar", shortAxisMm: 8.53, positive: true, seed: 70_003, specimen: "QUOKKA-3" },
];
const scanned = { PatientName: "Wintergreen^Ottoline", PatientID: "H-70001" };
/** Of the exam that a scanner sent of nobody who is known. */
const stranger = { PatientName: "Halcyon^Zenobia", PatientID: "H-70009" };
const reportedBecause = "Quincunx of the first section";
const correctedBecause = "Brontide on the second look";
const score = 0.731_942;

const practised = "cohort-2";
const practiceCases = 4;

/** What is hidden from a reader, by what it is of; each text is a leak wherever it stands. */
export type Secrets = Record<string, readonly string[]>;

/**
 * A running study in a database of the test file's own, with something in it of whatever is hidden from a reader: R2 has read two cases of Cohort 1 and has the third
 * in hand; R3 has read and corrected; every node has a report, every image a score, which the worker would write only after the lock. Both have answered one of the
 * practice cases of Cohort 2 and have the second in hand.
 */
export async function plantedStudy() {
  const database = await freshDatabase();
  const { door, withActor } = database;
  const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
  afterAll(() => admin.end());

  const source = withoutLooking(await practisedProtocol(`{ passMark: 1, conditions: [${practised}] }`));
  const study = await makeStudy({ door, ownerUrl: database.owner, source });
  const { coordinator, pathologist, reader, reader2, data_scientist: scientist } = study.members;
  const nodes: string[] = [];
  for (const patient of patients) {
    const { nodeId } = await addPatient(door, study, patient);
    const result = patient.positive ? ("positive" as const) : ("negative" as const);
    const report = { nodeId, specimen: patient.specimen, confidence: "certain" as const, result, reason: null };
    await withActor(pathologist, (tx) => reportNode(tx, pathologist, report));
    nodes.push(nodeId);
  }
  const [nodeId = "", second = ""] = nodes;
  await withActor(pathologist, (tx) =>
    reportNode(tx, pathologist, {
      nodeId: second,
      ...{ specimen: null, confidence: null, result: "positive", reason: reportedBecause },
    }),
  );

  const [exam] = await admin<{ id: string; number: string }[]>`
    select e.id, s.number from exam e join subject s on s.id = e.subject_id where e.study_id = ${study.studyId} order by s.number limit 1`;
  const examId = exam?.id ?? "";
  const { uploadId } = await withActor(coordinator, (tx) =>
    beginUpload(tx, coordinator, { examId, source: "browser" }),
  );
  const scans = [slice(scanned), slice({ ...scanned, SOPInstanceUID: "1.2.3.2", BurnedInAnnotation: "YES" })];
  for (const [at, bytes] of scans.entries()) await takeFile(coordinator, { uploadId, ordinal: at + 1, bytes });
  const { actor: importer } = await studyAsCommandLine(study.slug);
  const sent = receiveImages({ ...importer, siteId: study.siteId }, { site: "Here", sender: "SCANNER" });
  await sent.take(
    slice({ ...stranger, SOPInstanceUID: "1.2.3.9", SeriesInstanceUID: "1.2.9", StudyInstanceUID: "1.9" }),
  );
  await sent.end();

  await draw(door, study);
  const runId = randomUUID();
  const snapshotId = randomUUID();
  await admin.begin(async (run) => {
    await run`set local session_replication_role = replica`;
    const by = scientist.personId;
    await run`insert into dataset_snapshot (id, study_id, split_unit, folds, seed, sha256, created_by)
      values (${snapshotId}, ${study.studyId}, 'patient', 3, 1, ${"7".repeat(64)}, ${by})`;
    await run`insert into dataset_item (snapshot_id, study_id, crop_id, position, subject, node, width, height, short_axis_mm, sha256, pixel_sha256, truth, fold)
      select ${snapshotId}, c.study_id, c.id, row_number() over (), s.number, 'N1', c.width, c.height, z.short_axis_mm, c.sha256, c.pixel_sha256, 1, 0
        from crop c join node n on n.id = c.node_id join subject s on s.id = n.subject_id join nw.current_size z on z.node_id = n.id`;
    await run`insert into job (id, study_id, kind, state, created_by, ended_at) values (${runId}, ${study.studyId}, 'train', 'done', ${by}, now())`;
    await run`insert into model_run (id, study_id, snapshot_id, config) values (${runId}, ${study.studyId}, ${snapshotId}, ${run.json(JSON.parse(JSON.stringify(fineTuning)))})`;
    await run`insert into crop_score (run_id, study_id, crop_id, fold, score) select ${runId}, study_id, id, 0, ${score} from crop`;
  });

  await readCases(door, reader2, 1);
  const last = await openCase(reader2);
  if (!last) throw new Error("R3 has no case");
  await withActor(reader2, (tx) => submitRead(tx, reader2, readOf(last.slotId)));
  await openCase(reader2, "previous");
  const correction = { ...readOf(last.slotId, { confidence: 55 }), reason: correctedBecause };
  await withActor(reader2, (tx) => correctRead(tx, reader2, correction));
  await readCases(door, reader, 2);
  const inHand = await openCase(reader);
  if (!inHand) throw new Error("R2 has no case");

  await bringPractice(
    study.slug,
    drawnPractice(practiceCases, 90_001).map((each, at) => ({
      ...each,
      name: `Zeugma ${at}`,
      explanation: `Mooncalf ${at}`,
    })),
  );
  const slots: string[] = [];
  for (const member of [reader2, reader]) {
    await withActor(member, (tx) => beginPractice(tx, practised));
    const { opened } = await withActor(member, (tx) => openPractice(tx, member, { condition: practised }));
    const answered = { ...readOf(opened?.slotId ?? "", { overrideReason: "So it looks" }), condition: practised };
    await withActor(member, (tx) => submitPractice(tx, member, answered));
    slots.push(
      (await withActor(member, (tx) => openPractice(tx, member, { condition: practised }))).opened?.slotId ?? "",
    );
  }
  const [foreignPractice = "", practiceInHand = ""] = slots;

  /** The texts of one column. */
  const all = async (statement: string): Promise<string[]> => (await admin.unsafe(statement)).map(({ x }) => String(x));
  const own = `l.membership_id = '${reader.membershipId}'`;
  const places = "select s.id as x from reading_slot s join reading_list l on l.id = s.list_id";
  const secrets: Secrets = {
    "short axis": patients.map(({ shortAxisMm }) => String(shortAxisMm)),
    name: [...patients.map(({ name }) => name), "Zenobia", "Halcyon"],
    "hospital number": [...patients.map(({ seed }) => `H-${seed}`), stranger.PatientID],
    "number of a subject": (await all("select number as x from subject")).map((number) => `"${number}"`),
    subject: await all("select id as x from subject"),
    specimen: patients.map(({ specimen }) => specimen),
    "reason of a report": [reportedBecause],
    "report or match": await all("select id as x from pathology_report union all select id from node_match"),
    score: [String(score)],
    "run or snapshot": [runId, snapshotId],
    "another reader": ['"R3"', String(reader2.membershipId)],
    "another reader's list or place": await all(
      `${places} where not ${own} union all select l.id from reading_list l where not ${own}`,
    ),
    "another reader's read": [
      correctedBecause,
      ...(await all(`select r.id as x from read r where r.reader_code = 'R3'`)),
    ],
    "place ahead": await all(`${places} where ${own} and (l.condition_key <> 'cohort-1' or s.position > 5)`),
    node: await all("select id as x from node"),
    crop: await all("select id as x from crop"),
    case: await all("select id as x from reading_case"),
    "file of a crop": await all(
      "select sha256 as x from crop union select original_sha256 from crop where original_sha256 is not null",
    ),
    "file of a scan": await all("select sha256 as x from image_instance"),
    "canvas of another case": await all(
      `select w.sha256 as x from crop_canvas w where w.sha256 not in ('${inHand.crops.map(({ sha256 }) => sha256).join("', '")}')`,
    ),
    "seed or hash of an order": await all("select unnest(array[seed, order_sha256]) as x from reading_list"),
    "UID of a series or an image": await all("select uid as x from image_series union select uid from image_instance"),
    "series or image": await all("select id as x from image_series union select id from image_instance"),
    exam: await all("select id as x from exam"),
    "key of a study or of the server": [
      database.actorSecret,
      ...(await all("select key as x from deidentification_key")),
    ],
    "what waits in the inbox": await all("select id as x from inbox_study"),
    // What the case in hand is, its reader is told with the answer to the read of it.
    "practice case": [
      ...(await all(`select explanation as x from practice_case c where not exists (select from practice_round r
        where r.membership_id = '${reader.membershipId}' and nw.practice_slot(r.id, c.id) = '${practiceInHand}')
          and not exists (select from practice_read p join practice_round r on r.id = p.round_id where p.case_id = c.id and r.membership_id = '${reader.membershipId}')`)),
      ...(await all("select id::text as x from practice_case union all select name from practice_case")),
      ...(await all("select canvas_sha256 as x from practice_image")),
    ],
  };
  for (const [what, texts] of Object.entries(secrets)) if (texts.length === 0) throw new Error(`no ${what} is there`);

  /** The id that a statement finds. */
  const one = async (statement: string) => (await all(statement))[0] ?? "";
  const placesOf = `${places} where l.membership_id`;
  return {
    database,
    admin,
    study,
    secrets,
    /** What is there, by its id. */
    ids: {
      ...{ nodeId, examId, runId, uploadId, inHand: inHand.slotId, practiceInHand, foreignPractice },
      number: exam?.number ?? "",
      instanceId: await one(
        "select id as x from image_instance i where not exists (select from image_hold h where h.instance_id = i.id)",
      ),
      inboxId: await one("select id as x from inbox_study"),
      cropId: await one(`select id as x from crop where node_id = '${nodeId}'`),
      cropSha256: await one(`select sha256 as x from crop where node_id = '${nodeId}'`),
      readNodeId: await one(
        "select k.node_id as x from read r join reading_case k on k.id = r.case_id where r.correction_reason is not null",
      ),
      foreign: await one(`${placesOf} = '${reader2.membershipId}' order by s.position desc`),
      practiceAhead: await one(
        `select max(nw.practice_slot(r.id, c.id)::text) as x from practice_round r join practice_case c using (study_id, set_number) where r.membership_id = '${reader.membershipId}'`,
      ),
      foreignList: await one(`select l.id as x from reading_list l where l.membership_id = '${reader2.membershipId}'`),
      ahead: await one(`${placesOf} = '${reader.membershipId}' and l.condition_key = 'cohort-1' and s.position = 4`),
    },
  };
}

/** A number is one by itself: 3.17 is 3.170, and no part of 13.17 or of the time 00:03.17. */
const isThere = (text: string, secret: string): boolean =>
  /^\d+\.\d+$/.test(secret)
    ? new RegExp(`(?<!\\d:|[\\d.])${secret.replace(".", "\\.")}0*(?!\\d)`).test(text)
    : text.includes(secret);

/** Which secrets stand in a text, or in an image that it holds as base64. */
export function leaksOf(text: string, secrets: Secrets): string[] {
  const images = [...text.matchAll(/"([A-Za-z0-9+/]{200,}={0,2})"/g)].map(([, image = ""]) =>
    Buffer.from(image, "base64").toString("latin1"),
  );
  const whole = [text, ...images].join("\n");
  return Object.keys(secrets).filter((what) => secrets[what]?.some((each) => isThere(whole, each)));
}
