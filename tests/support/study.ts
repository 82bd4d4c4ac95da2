import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import sharp from "sharp";
import { drawNode } from "@/core/phantom/node";
import type { Door, StudyRole } from "@/db/actor";
import { personActor, type StudyActor } from "@/server/door";
import type { SubmitRead } from "@/server/schemas/reading";
import { enrolSubject } from "@/server/services/enrolment/enrol-subject";
import { screenSubject } from "@/server/services/enrolment/screen-subject";
import { addCrop } from "@/server/services/imaging/add-crop";
import { addNode } from "@/server/services/imaging/add-node";
import { decodeCrop } from "@/server/services/imaging/decode-crop";
import { reportNode } from "@/server/services/pathology/report-node";
import { drawSchedules } from "@/server/services/reading/draw-schedules";
import { openCase } from "@/server/services/reading/open-case";
import { submitRead } from "@/server/services/reading/submit-read";
import { createStudy } from "@/server/services/study/create-study";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { store } from "@/server/store";

export const planes = ["axial", "sagittal", "coronal"] as const;
type Plane = (typeof planes)[number];

/** The members of a study made for a test, each a person of its own. R3 is `reader2`. */
export type Members = Record<StudyRole | "reader2", StudyActor>;

export const eligible = Object.fromEntries([
  ...["biopsy", "surgery_2_weeks", "untreated", "can_undergo_mri", "node_on_mri", "short_axis_3_mm"].map((key) => [
    key,
    "met" as const,
  ]),
  ...["neoadjuvant", "poor_tolerance", "unsatisfactory_scan"].map((key) => [key, "not_met" as const]),
]);

/** Persons as the owner of the installation makes them: through no actor role, because none may make one who may create studies. */
async function makePerson(ownerUrl: string, options: { name: string; mayCreateStudies: boolean }): Promise<string> {
  const owner = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  const id = randomUUID();
  await owner.begin(async (run) => {
    await run`set local role nw_kernel`;
    await run`insert into person (id, email, name, may_create_studies) values (${id}, ${`${id}@example.org`}, ${options.name}, ${options.mayCreateStudies})`;
  });
  await owner.end();
  return id;
}

/** A protocol by which no letters are looked for: images are there at once, and no worker is needed. */
export const withoutLooking = (source: string) => source.replace("cleanPixelData: true", "cleanPixelData: false");

/** A study from a shipped protocol with one member in each role and the readers R2 and R3, through the services. `source` replaces the protocol, the demonstration's (`withoutLooking`). */
export async function makeStudy({ door, ownerUrl, source }: { door: Door; ownerUrl: string; source?: string }) {
  const founder = await makePerson(ownerUrl, { name: "principal_investigator", mayCreateStudies: true });
  const document = source ?? withoutLooking((await shippedProtocol("demonstration")).source);
  const { studyId, siteId, slug } = await door.withActor(personActor(founder), (tx) =>
    createStudy(tx, { personId: founder, name: `Study ${randomUUID()}`, site: "Here", source: document }),
  );
  const [pi] = await door.withActor(personActor(founder), (tx) =>
    tx.execute<{ id: string }>(sql`select id from membership where study_id = ${studyId}`),
  );
  const of = { studyId, siteId: null };
  const principal: StudyActor = {
    ...of,
    role: "principal_investigator",
    personId: founder,
    membershipId: pi?.id ?? null,
  };
  const members: Partial<Members> = { principal_investigator: principal };
  const others: (keyof Members)[] = [
    "coordinator",
    "locating_radiologist",
    "reader",
    "reader2",
    "pathologist",
    "data_scientist",
    "monitor",
    "administrator",
  ];
  for (const key of others) {
    const role: StudyRole = key === "reader2" ? "reader" : key;
    const personId = await makePerson(ownerUrl, { name: key, mayCreateStudies: false });
    const membershipId = randomUUID();
    const code = key === "reader" ? "R2" : key === "reader2" ? "R3" : null;
    // As the operator of the server gives roles: they count at once.
    await door.withActor({ ...principal, role: "importer" }, (tx) =>
      tx.execute(
        sql`insert into membership (id, study_id, person_id, role, reader_code) values (${membershipId}, ${studyId}, ${personId}, ${role}::study_role, ${code})`,
      ),
    );
    members[key] = { ...of, role, personId, membershipId };
  }
  return { studyId, siteId, slug, members: members as Members };
}

export type MadeStudy = Awaited<ReturnType<typeof makeStudy>>;

/** Enrols one patient with one node and a crop per plane (or of `only` some), each by its own role. */
export async function addPatient(
  door: Door,
  { members }: MadeStudy,
  options: { name: string; shortAxisMm: number; positive: boolean; seed: number; only?: readonly Plane[] },
) {
  const { number } = await door.withActor(members.coordinator, (tx) =>
    screenSubject(tx, members.coordinator, {
      identity: { name: options.name, hospitalNumber: `H-${options.seed}` },
      answers: eligible,
    }),
  );
  await door.withActor(members.coordinator, (tx) =>
    enrolSubject(tx, members.coordinator, {
      number,
      consentSignedOn: "2026-01-05",
      consentVersion: "1",
      values: { sex: "female", age_years: 60, t_stage: "T3" },
      examOn: "2026-01-06",
      scanner: "3 T",
    }),
  );
  const { nodeId } = await door.withActor(members.locating_radiologist, (tx) =>
    addNode(tx, members.locating_radiologist, { number, region: "mesorectal", shortAxisMm: options.shortAxisMm }),
  );
  for (const plane of options.only ?? planes) {
    const drawn = drawNode({ seed: options.seed, plane, positive: options.positive, shortAxisMm: options.shortAxisMm });
    const bytes = await sharp(drawn.pixels, { raw: { width: drawn.width, height: drawn.height, channels: 1 } })
      .png()
      .toBuffer();
    const { image, files } = await decodeCrop({ name: `${plane}.png`, bytes });
    const stored = await Promise.all(files.map((file) => store.put(file.bytes)));
    await door.withActor(members.locating_radiologist, (tx) =>
      addCrop(tx, members.locating_radiologist, { nodeId, plane, replaces: null, image, files: stored }),
    );
  }
  return { number, nodeId };
}

/** A study with an enrolled patient, "Patient Sun" of hospital number H-`seed`, whose exam has no images yet, and whose node of 5 mm no crop. */
export async function studyWithExam(options: { door: Door; ownerUrl: string; source?: string; seed: number }) {
  const { door, seed } = options;
  const study = await makeStudy(options);
  const patient = { name: "Patient Sun", shortAxisMm: 5, positive: true, seed, only: [] };
  const { number, nodeId } = await addPatient(door, study, patient);
  const { coordinator } = study.members;
  const [exam] = await door.withActor(coordinator, (tx) => tx.execute<{ id: string }>(sql`select id from exam`));
  if (!exam) throw new Error("there is no exam");
  return { study, number, nodeId, examId: exam.id };
}

export const draw = (door: Door, { members }: MadeStudy) =>
  door.withActor(members.principal_investigator, (tx) => drawSchedules(tx, members.principal_investigator));

export const report = (door: Door, { members }: MadeStudy, nodeId: string, result: "positive" | "negative") =>
  door.withActor(members.pathologist, (tx) =>
    reportNode(tx, members.pathologist, { nodeId, specimen: "S1", confidence: "certain", result, reason: null }),
  );

/** Reads the next `cases` cases of a reader; returns what was shown. */
export async function readCases(door: Door, reader: StudyActor, cases: number) {
  const shown = [];
  for (let i = 0; i < cases; i++) {
    const current = await openCase(reader);
    if (!current) break;
    shown.push(current);
    await door.withActor(reader, (tx) => submitRead(tx, reader, readOf(current.slotId)));
  }
  return shown;
}

/** A complete read of a case that agrees with the rule: no criterion present. */
export const readOf = (slotId: string, changes: Partial<SubmitRead> = {}): SubmitRead => ({
  slotId,
  idempotencyKey: randomUUID(),
  criteria: {},
  call: "negative",
  confidence: 70,
  rating: null,
  notEvaluable: null,
  activeMs: 1200,
  ...changes,
});

/** The same read as `nw.submit_read()` and `nw.correct_read()` take it, by the demonstration's form, of a node of at most 9 mm. */
export const noSign = sql.raw(
  `'{"irregular_border": false, "heterogeneous_signal": false, "round_shape": false}'::jsonb, 'esgar-2016', 'negative', 'negative', null, 50, 10`,
);

/** The functions that take a read. */
export const submitting = ["submit_read", "submit_answer"] as const;
/** Submits a read of no sign at a place. */
export const submitBy = (name: (typeof submitting)[number], slot: string) =>
  name === "submit_read"
    ? sql`select nw.submit_read(${slot}::uuid, gen_random_uuid(), ${noSign})`
    : sql`select nw.submit_answer(${slot}::uuid, gen_random_uuid(), '{}', 'negative', null, 50, 10, null, null, null)`;
