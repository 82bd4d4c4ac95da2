import { randomUUID } from "node:crypto";
import postgres from "postgres";
import sharp from "sharp";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { personActor, type StudyActor } from "@/server/door";
import { type AppError, toAppError } from "@/server/errors";
import { enrolSubject } from "@/server/services/enrolment/enrol-subject";
import { reassessSubject } from "@/server/services/enrolment/reassess-subject";
import { recordValues } from "@/server/services/enrolment/record-values";
import { screenSubject } from "@/server/services/enrolment/screen-subject";
import { addCrop } from "@/server/services/imaging/add-crop";
import { addNode } from "@/server/services/imaging/add-node";
import { decodeCrop } from "@/server/services/imaging/decode-crop";
import { excludeNode } from "@/server/services/imaging/exclude-node";
import { remeasureNode } from "@/server/services/imaging/remeasure-node";
import { lockStudy } from "@/server/services/lock/lock-study";
import { reportNode } from "@/server/services/pathology/report-node";
import { closeReading } from "@/server/services/reading/close-reading";
import { openCase } from "@/server/services/reading/open-case";
import { submitRead } from "@/server/services/reading/submit-read";
import { addMember } from "@/server/services/study/add-member";
import { addProtocolVersion } from "@/server/services/study/add-protocol-version";
import { confirmMember } from "@/server/services/study/confirm-member";
import { createStudy } from "@/server/services/study/create-study";
import { endMember } from "@/server/services/study/end-member";
import { membershipOf } from "@/server/services/study/membership-of";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { store } from "@/server/store";
import { freshDatabase } from "@/tests/support/database";
import { addPatient, draw, eligible, type MadeStudy, makeStudy, readOf } from "@/tests/support/study";

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

let study: MadeStudy;
let node: { number: string; nodeId: string };
beforeEach(async () => {
  study = await makeStudy({ door, ownerUrl: database.owner });
  node = await addPatient(door, study, { name: "Patient", shortAxisMm: 6, positive: true, seed: 1 });
});

/** What each of three requests that are sent together comes to: its answer, or the refusal as the person gets it. */
async function three<T>(request: (index: number) => Promise<T>): Promise<{ done: T[]; refused: AppError[] }> {
  const outcomes = await Promise.allSettled([0, 1, 2].map(request));
  const done = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  const refused = outcomes.flatMap((outcome) => {
    if (outcome.status === "fulfilled") return [];
    const known = toAppError(outcome.reason);
    if (!known) throw outcome.reason;
    return [known];
  });
  return { done, refused };
}

/** One of them wins; to the others is said what is in the way. */
async function oneWins(request: (index: number) => Promise<unknown>, said: RegExp) {
  const { done, refused } = await three(request);
  expect(done).toHaveLength(1);
  for (const { code, message } of refused) expect([code, message]).toEqual(["conflict", expect.stringMatching(said)]);
}

const as = <T>(actor: StudyActor, fn: (tx: Parameters<Parameters<typeof door.withActor>[1]>[0]) => Promise<T>) =>
  door.withActor(actor, fn);

const screened = () =>
  as(study.members.coordinator, (tx) =>
    screenSubject(tx, study.members.coordinator, { identity: null, answers: eligible }),
  );

async function cropIn(plane: string): Promise<string | null> {
  const [current] = await admin<{ id: string }[]>`
    select id from crop where node_id = ${node.nodeId} and plane = ${plane} and superseded_at is null`;
  return current?.id ?? null;
}

async function picture(level: number) {
  const pixels = Buffer.from(Array.from({ length: 32 * 32 }, (_, i) => (i * level) % 251));
  const png = await sharp(pixels, { raw: { width: 32, height: 32, channels: 1 } })
    .png()
    .toBuffer();
  const { image, files } = await decodeCrop({ name: "a.png", bytes: png });
  return { image, files: await Promise.all(files.map((file) => store.put(file.bytes))) };
}

describe("of three requests sent together", () => {
  test("one draws the schedule: each reader has each image once in a condition", async () => {
    await oneWins(() => draw(door, study), /Nothing was drawn/);
    const places = await admin`
      select l.membership_id, l.condition_key, s.case_id, count(*)::int as n from reading_slot s join reading_list l on l.id = s.list_id
       where s.study_id = ${study.studyId} group by 1, 2, 3`;
    expect(places).toHaveLength(2 * 2 * 3);
    expect(new Set(places.map(({ n }) => n))).toEqual(new Set([1]));
  });

  test("one crop takes the place of the one that all of them have seen; the others are told that it changed", async () => {
    const radiologist = study.members.locating_radiologist;
    const images = await Promise.all([3, 5, 7].map(picture));
    const seen = await cropIn("coronal");
    const send = (decoded: (typeof images)[number] | undefined, replaces: string | null) => {
      if (!decoded) throw new Error("no image");
      return as(radiologist, (tx) =>
        addCrop(tx, radiologist, { nodeId: node.nodeId, plane: "coronal", replaces, ...decoded }),
      );
    };
    await oneWins((i) => send(images[i], seen), /has been changed meanwhile/);
    const crops =
      await admin`select id, superseded_at, sha256 from crop where node_id = ${node.nodeId} and plane = 'coronal' order by created_at`;
    expect(crops).toHaveLength(2);
    expect(crops.filter(({ superseded_at }) => superseded_at === null)).toHaveLength(1);
    // A double click sends the same picture again: it is there already.
    const winner = images.find((each) => each.image.sha256 === crops.at(-1)?.sha256);
    await send(winner, seen);
    expect(await cropIn("coronal")).toBe(crops.at(-1)?.id);
  });

  test("one is the first report of a node; the others are corrections and need a reason", async () => {
    const { pathologist } = study.members;
    const { done, refused } = await three((i) =>
      as(pathologist, (tx) =>
        reportNode(tx, pathologist, {
          nodeId: node.nodeId,
          specimen: `S${i}`,
          confidence: "certain",
          result: i === 1 ? "negative" : "positive",
          reason: null,
        }),
      ),
    );
    expect(done).toHaveLength(1);
    for (const { code, message } of refused)
      expect([code, message]).toEqual(["invalid", expect.stringMatching(/reason/)]);
    expect(await admin`select id from pathology_report where node_id = ${node.nodeId}`).toHaveLength(1);
  });

  test("one enrols a subject, with one consent and one value an item", async () => {
    const { coordinator } = study.members;
    const { number } = await screened();
    await oneWins(
      (i) =>
        as(coordinator, (tx) =>
          enrolSubject(tx, coordinator, {
            number,
            consentSignedOn: "2026-01-05",
            consentVersion: "1",
            values: { sex: "female", age_years: 55 + i, t_stage: "T3" },
            examOn: "2026-01-06",
            scanner: "3 T",
          }),
        ),
      /enrolled/,
    );
    const [kept] = await admin`
      select (select count(*)::int from consent c where c.subject_id = s.id) as consents, (select count(*)::int from baseline_value v where v.subject_id = s.id) as
        values from subject s where s.study_id = ${study.studyId} and s.number = ${number}`;
    expect(kept).toEqual({ consents: 1, values: 3 });
  });

  test("each screens a patient under a number of its own", async () => {
    const { done } = await three(screened);
    expect(done.map(({ number }) => number).toSorted()).toEqual(["002", "003", "004"]);
  });

  test("each reassesses, and the newest assessment is the one whose verdict the subject has", async () => {
    const { coordinator } = study.members;
    const { number } = await screened();
    await three((i) =>
      as(coordinator, (tx) =>
        reassessSubject(tx, coordinator, { number, answers: i === 1 ? { ...eligible, biopsy: "not_met" } : eligible }),
      ),
    );
    const assessments = await admin`
      select s.status, a.verdict from subject s join eligibility_assessment a on a.subject_id = s.id
       where s.study_id = ${study.studyId} and s.number = ${number} order by a.assessed_at desc`;
    expect(assessments).toHaveLength(4);
    expect(assessments[0]?.status).toBe(assessments[0]?.verdict === "eligible" ? "eligible" : "screen_failure");
  });

  test("one records a value that nobody recorded before; the others correct it, with a reason", async () => {
    const { coordinator } = study.members;
    const { number } = await screened();
    const { done, refused } = await three((i) =>
      as(coordinator, (tx) => recordValues(tx, coordinator, { number, values: { age_years: 50 + i }, reason: null })),
    );
    expect(done).toHaveLength(1);
    expect(refused.map(({ code }) => code)).toEqual(["invalid", "invalid"]);
    expect(refused[0]?.problems.join()).toMatch(/reason/i);
  });

  test("each adds a node under an ordinal of its own", async () => {
    const radiologist = study.members.locating_radiologist;
    const { done } = await three(() =>
      as(radiologist, (tx) => addNode(tx, radiologist, { number: node.number, region: "mesorectal", shortAxisMm: 5 })),
    );
    expect(done.map(({ label }) => label).toSorted()).toEqual(["N2", "N3", "N4"]);
  });

  test("each measures, and the size that counts is that of the last to be written down", async () => {
    const radiologist = study.members.locating_radiologist;
    await three((i) =>
      as(radiologist, (tx) => remeasureNode(tx, radiologist, { nodeId: node.nodeId, shortAxisMm: 7 + i })),
    );
    const [last] = await admin`
      select (after ->> 'short_axis_mm')::numeric as mm from audit_change where table_name = 'node_size' and after ->> 'node_id' = ${node.nodeId} order by id desc limit 1`;
    const [counts] = await admin`select short_axis_mm as mm from nw.current_size where node_id = ${node.nodeId}`;
    expect(counts).toEqual(last);
  });

  test("one excludes a node, and the others are told why it is", async () => {
    const radiologist = study.members.locating_radiologist;
    await oneWins(
      (i) => as(radiologist, (tx) => excludeNode(tx, radiologist, { nodeId: node.nodeId, reason: `Reason ${i}` })),
      /Reason \d/,
    );
  });

  test("no crop comes to a node that another request excludes", async () => {
    const radiologist = study.members.locating_radiologist;
    const decoded = await picture(3);
    const seen = await cropIn("coronal");
    const outcomes = await three(async (i) => {
      if (i === 0)
        await as(radiologist, (tx) => excludeNode(tx, radiologist, { nodeId: node.nodeId, reason: "Blurred" }));
      else
        await as(radiologist, (tx) =>
          addCrop(tx, radiologist, { nodeId: node.nodeId, plane: "coronal", replaces: seen, ...decoded }),
        );
    });
    for (const { message } of outcomes.refused) expect(message).toMatch(/excluded|meanwhile/);
    const deeds = await admin`
      select action from audit_event where study_id = ${study.studyId} and action in ('crop.replaced', 'node.excluded') order by id`;
    expect(deeds.at(-1)?.action).toBe("node.excluded");
  });

  test("one gives a reader code to somebody", async () => {
    const { administrator } = study.members;
    await oneWins(
      (i) =>
        as(administrator, (tx) =>
          addMember(tx, administrator, {
            email: `reader-${i}-${randomUUID()}@example.org`,
            name: `Reader ${i}`,
            role: "reader",
            readerCode: "R4",
            passwordHash: "x",
          }),
        ),
      /Code R4/,
    );
  });

  test("one makes the account of an address and gives it a role", async () => {
    const { administrator } = study.members;
    const email = `${randomUUID()}@Example.org`;
    await oneWins(
      () =>
        as(administrator, (tx) =>
          addMember(tx, administrator, { email, name: "New", role: "monitor", readerCode: null, passwordHash: "x" }),
        ),
      /this role in this study already/,
    );
  });

  test("one confirms a role, and the others change nothing", async () => {
    const { administrator, principal_investigator: pi } = study.members;
    const email = `${randomUUID()}@example.org`;
    await as(administrator, (tx) =>
      addMember(tx, administrator, { email, name: "New", role: "monitor", readerCode: null, passwordHash: "x" }),
    );
    const added = await as(pi, (tx) => membershipOf(tx, pi, { email, role: "monitor" }));
    const { refused } = await three(() => as(pi, (tx) => confirmMember(tx, pi, added)));
    expect(refused).toEqual([]);
    const deeds = await admin`
      select e.action from audit_event e join person p on p.id::text = e.entity_id where p.email = ${email} and e.action like 'member.%' order by e.id`;
    expect(deeds.map(({ action }) => action)).toEqual(["member.proposed", "member.confirmed"]);
  });

  test("one ends a membership", async () => {
    const { administrator, monitor } = study.members;
    const { done, refused } = await three(() =>
      as(administrator, (tx) => endMember(tx, administrator, { membershipId: monitor.membershipId ?? "" })),
    );
    expect(done).toHaveLength(1);
    expect(refused.map(({ code }) => code)).toEqual(["not_found", "not_found"]);
  });

  test("one adds a protocol version", async () => {
    const { administrator } = study.members;
    const { source } = await shippedProtocol("demonstration");
    const next = source.replace(/^version: .*$/m, 'version: "9.9"');
    await oneWins(
      () => as(administrator, (tx) => addProtocolVersion(tx, administrator, { source: next, reason: "Amended" })),
      /Version 9.9 is there/,
    );
  });

  test("one founds a study of a name", async () => {
    const personId = study.members.principal_investigator.personId ?? "";
    const { source } = await shippedProtocol("demonstration");
    const name = `Founded ${randomUUID()}`;
    await oneWins(
      () => door.withActor(personActor(personId), (tx) => createStudy(tx, { personId, name, site: "Here", source })),
      /Founded/,
    );
  });

  test("one closes what a reader has left", async () => {
    const { coordinator } = study.members;
    await draw(door, study);
    await oneWins(
      () => as(coordinator, (tx) => closeReading(tx, coordinator, { readerCode: "R2", reason: "Left" })),
      /nothing left to read/,
    );
  });

  test("one read of a case is taken", async () => {
    const { reader } = study.members;
    await draw(door, study);
    const slotId = (await openCase(reader))?.slotId ?? "";
    await oneWins(
      () => as(reader, (tx) => submitRead(tx, reader, readOf(slotId))),
      /not the one being read|has changed/,
    );
  });

  test("one locks the database", async () => {
    const pi = study.members.principal_investigator;
    const { done, refused } = await three(() => as(pi, (tx) => lockStudy(tx, pi, { reason: "Ends here" })));
    expect(done).toHaveLength(1);
    expect(refused.map(({ code }) => code)).toEqual(["locked", "locked"]);
  });
});

describe("past the services, the database itself", () => {
  const constraintOf = (work: PromiseLike<unknown>) =>
    Promise.resolve(work).then(
      () => "written",
      (error: { constraint_name?: string }) => error.constraint_name,
    );

  test("holds one current crop of a node and plane, one first report of a node and one consent of a subject", async () => {
    const by = study.members.coordinator.personId ?? "";
    await admin`insert into stored_object (study_id, sha256, media_type) values (${study.studyId}, ${"a".repeat(64)}, 'image/png')`;
    const crop = (plane: string, superseded: boolean) => admin`
      insert into crop (study_id, node_id, plane, sha256, original_sha256, bit_depth, pixel_sha256, width, height, created_by, superseded_at)
      values (${study.studyId}, ${node.nodeId}, ${plane}, ${"a".repeat(64)}, ${"a".repeat(64)}, 8, 'p', 1, 1, ${by}, ${superseded ? new Date() : null})`;
    expect(await constraintOf(crop("axial", false))).toBe("crop_current");
    expect(await constraintOf(crop("axial", true))).toBe("written");
    const report = () =>
      admin`insert into pathology_report (study_id, node_id, result, reported_by) values (${study.studyId}, ${node.nodeId}, 'negative', ${by})`;
    expect(await constraintOf(report())).toBe("written");
    expect(await constraintOf(report())).toBe("pathology_report_first");
    const consent = () => admin`
      insert into consent (study_id, subject_id, signed_on, form_version, recorded_by) select study_id, subject_id, '2026-01-05', '1', ${by} from node where id = ${node.nodeId}`;
    expect(await constraintOf(consent())).toBe("consent_once");
  });

  test("holds an image once in the schedule of a reader and condition", async () => {
    await draw(door, study);
    const again = () => admin`
      insert into reading_slot (study_id, list_id, position, case_id, occasion)
      select s.study_id, s.list_id, 1000, s.case_id, s.occasion + 1 from reading_slot s where s.study_id = ${study.studyId} limit 1`;
    const elsewhere = admin`
      with copied as (insert into reading_list (study_id, membership_id, protocol_version_id, condition_key, condition_ordinal, batch, shows, wash_out_days, seed, order_sha256)
        select study_id, membership_id, protocol_version_id, condition_key, condition_ordinal, 2, shows, wash_out_days, 1, 'x' from reading_list where study_id = ${study.studyId} limit 1
        returning id, membership_id, condition_key)
      insert into reading_slot (study_id, list_id, position, case_id, occasion)
      select s.study_id, c.id, 1, s.case_id, s.occasion from copied c join reading_list l on l.membership_id = c.membership_id and l.condition_key = c.condition_key
        join reading_slot s on s.list_id = l.id limit 1`;
    expect(await constraintOf(elsewhere)).toBe("image_is_scheduled");
    expect(await constraintOf(again())).toBe("written");
  });
});
