import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import sharp from "sharp";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { tagOf } from "@/core/dicom/dictionary";
import { readDicom } from "@/core/dicom/read";
import { text, texts } from "@/core/dicom/values";
import { withdrawConsent } from "@/server/services/enrolment/withdraw-consent";
import { beginUpload } from "@/server/services/series/begin-upload";
import { decideHold } from "@/server/services/series/decide-hold";
import { drawInstance } from "@/server/services/series/draw-instance";
import { findInstance } from "@/server/services/series/find-instance";
import { judgeQuality } from "@/server/services/series/judge-quality";
import { listHeld } from "@/server/services/series/list-held";
import { listSeries } from "@/server/services/series/list-series";
import { takeFile } from "@/server/services/series/take-file";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { readObject, store } from "@/server/store";
import { voucher } from "@/server/voucher";
import { freshDatabase } from "@/tests/support/database";
import { slice } from "@/tests/support/dicom";
import { addPatient, type MadeStudy, studyWithExam, withoutLooking } from "@/tests/support/study";

/*
 * Images of an exam come in; the identity stays outside.
 */

const database = await freshDatabase();
const { door, withActor } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

let study: MadeStudy;
let number: string;
let examId: string;
let seeds = 0;
beforeEach(async () => {
  ({ study, number, examId } = await studyWithExam({ door, ownerUrl: database.owner, seed: ++seeds }));
});

const begin = (actor = study.members.coordinator) =>
  withActor(actor, (tx) => beginUpload(tx, actor, { examId, source: "browser" }));
/** Sends files in turn, as one upload. */
async function send(...files: Uint8Array[]) {
  const { coordinator } = study.members;
  const { uploadId } = await begin();
  const outcomes = [];
  for (const [at, bytes] of files.entries())
    outcomes.push((await takeFile(coordinator, { uploadId, ordinal: at + 1, bytes })).outcome);
  return outcomes;
}
const ofPatient = (changes: Record<string, unknown> = {}) => slice({ PatientID: `H-${seeds}`, ...changes });
const seen = (actor = study.members.locating_radiologist) =>
  withActor(actor, (tx) => listSeries(tx, actor, { number }));
const stored = async () =>
  Promise.all(
    (await admin`select sha256 from image_instance where study_id = ${study.studyId} order by number`).map(
      ({ sha256 }) => readObject(sha256, { limit: 1e6 }),
    ),
  );

describe("images of an exam", () => {
  test("come in without identity: neither the file that is stored nor any row holds it", async () => {
    expect(await send(ofPatient())).toEqual(["accepted"]);
    const [file] = await stored();
    const { data } = readDicom(file ?? new Uint8Array());
    expect(text(data, tagOf("PatientName"))).toBe(number);
    expect(text(data, tagOf("StudyDate"))).not.toBe("20260106");
    const rows = await admin<{ row: string }[]>`
      select to_jsonb(i)::text || to_jsonb(s)::text || to_jsonb(u)::text as row
        from image_instance i join image_series s on s.id = i.series_id join uploaded_file u on u.instance_id = i.id where i.study_id = ${study.studyId}`;
    const trail = await admin<{ row: string }[]>`
      select to_jsonb(e)::text as row from audit_event e where study_id = ${study.studyId} and action like 'image%'
      union all select to_jsonb(c)::text from audit_change c where study_id = ${study.studyId} and table_name like 'image%'`;
    const said = [file?.toString("latin1"), ...[...rows, ...trail].map(({ row }) => row)].join("\n");
    for (const identity of ["Sun", "H-1", "19650301", "20260106", "1.2.3.1"]) expect(said).not.toContain(identity);
    // Control: it is there where it may be.
    expect(Buffer.from(ofPatient()).toString("latin1")).toMatch(/Sun\^Patient[\s\S]*19650301/);
    expect(said).toContain(number);
  });

  test("lie in stacks by their planes, in order along the normal, whatever order they came in", async () => {
    const at = (z: number, sop: number) =>
      ofPatient({ SOPInstanceUID: `1.2.3.${sop}`, InstanceNumber: sop, ImagePositionPatient: [-10, -20, z] });
    const sagittal = ofPatient({ SOPInstanceUID: "1.2.3.9", ImageOrientationPatient: [0, 1, 0, 0, 0, -1] });
    expect(await send(at(36, 1), at(30, 2), sagittal, at(33, 3))).toEqual(new Array(4).fill("accepted"));
    const [exam] = await seen();
    const [series] = exam?.series ?? [];
    expect(series?.stacks.map(({ orientation, frames, step }) => [orientation.name, frames.length, step])).toEqual([
      ["axial", 3, 3],
      ["sagittal", 1, null],
    ]);
    expect(series?.stacks[0]?.frames.map(({ plane }) => plane.position[2])).toEqual([30, 33, 36]);
  });

  test("are held against the sequence table of the protocol: what differs is told with both numbers, and nothing is refused for it", async () => {
    const source = withoutLooking((await shippedProtocol("li-2021")).source);
    ({ study, number, examId } = await studyWithExam({ door, ownerUrl: database.owner, source, seed: ++seeds }));
    const at = (z: number, sop: number) =>
      ofPatient({
        ...{ SOPInstanceUID: `1.2.3.${sop}`, ImagePositionPatient: [-10, -20, z] },
        ...{ RepetitionTime: "4207", EchoTime: "110", SliceThickness: "3.5" },
      });
    expect(await send(at(30, 1), at(34.5, 2))).toEqual(["accepted", "accepted"]);
    const [exam] = await seen();
    expect(exam?.sequences.map(({ key, isThere, deviations }) => [key, isThere, deviations])).toEqual([
      ["t2-sagittal", false, []],
      [
        "t2-axial",
        true,
        [
          { figure: "repetitionTimeMs", asked: 3824, within: 382, found: 4207 },
          { figure: "stepMm", asked: 3.7, within: 0.5, found: 4.5 },
        ],
      ],
      ["t2-coronal", false, []],
    ]);
  });

  test("are there once: the same file, in whatever upload and however often at once, and the same pixels in another wrapping", async () => {
    expect(await send(ofPatient())).toEqual(["accepted"]);
    expect(await send(ofPatient(), ofPatient({ StationName: "MR2" }))).toEqual(["known", "known"]);
    const { coordinator } = study.members;
    const { uploadId } = await begin();
    const other = ofPatient({ SOPInstanceUID: "1.2.3.2" });
    const outcomes = await Promise.all(
      [1, 2, 3].map((ordinal) => takeFile(coordinator, { uploadId, ordinal, bytes: other })),
    );
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(["accepted", "known", "known"]);
    expect(await takeFile(coordinator, { uploadId, ordinal: 1, bytes: other })).toEqual(outcomes[0]);
    expect(await stored()).toHaveLength(2);
  });

  test("of one name with other pixels are refused, and so is what belongs to another exam", async () => {
    expect(await send(ofPatient())).toEqual(["accepted"]);
    expect(await send(ofPatient({ PixelData: new Array(16).fill(7) }))).toEqual(["refused"]);
    const second = await addPatient(door, study, {
      ...{ name: "Moon", shortAxisMm: 5, positive: true, seed: ++seeds },
      only: [],
    });
    const [exam] =
      await admin`select e.id from exam e join subject s on s.id = e.subject_id where s.study_id = ${study.studyId} and s.number = ${second.number}`;
    const { coordinator } = study.members;
    const { uploadId } = await withActor(coordinator, (tx) =>
      beginUpload(tx, coordinator, { examId: exam?.id, source: "browser" }),
    );
    const { outcome, reason } = await takeFile(coordinator, { uploadId, ordinal: 1, bytes: ofPatient() });
    expect([outcome, reason?.key]).toEqual(["refused", "dicom.refused.other_exam"]);
  });

  test("that are held are listed with their reasons and drawn for the coordinator, who decides once; what is cleared is seen, what is rejected is not", async () => {
    const { coordinator, locating_radiologist: radiologist, monitor } = study.members;
    const burned = (uid: string) =>
      ofPatient({
        ...{ BurnedInAnnotation: "YES", SOPInstanceUID: uid, ConversionType: "WSD" },
        ...{ WindowCenter: "100", WindowWidth: "50" },
      });
    expect(await send(burned("1.2.3.1"), burned("1.2.3.2"))).toEqual(["held", "held"]);
    const held = () => withActor(coordinator, (tx) => listHeld(tx, coordinator));
    const [one, two] = await held();
    expect(one).toMatchObject({ subject: number, reasons: ["burned_in_flag", "secondary_capture"], decided: null });
    const decide = (instanceId: string, decision: "cleared" | "rejected", actor = coordinator) =>
      withActor(actor, (tx) => decideHold(tx, actor, { instanceId, decision, reason: "Looked at every corner" }));
    const find = (actor: typeof coordinator, instanceId: string) =>
      withActor(actor, (tx) => findInstance(tx, actor, { instanceId }));

    const { sha256, isHeld } = await find(coordinator, one?.instanceId ?? "");
    expect(isHeld, "its picture is drawn for the decision alone").toBe(true);
    const { width, height, format } = await sharp(await drawInstance({ sha256, frame: 1, shown: "all" })).metadata();
    expect([width, height, format]).toEqual([one?.width, one?.height, "png"]);
    // Sixteen values, of which the window of the file shows one apart from black and white.
    const levels = await sharp(await drawInstance({ sha256, frame: 1, shown: "all" }))
      .raw()
      .toBuffer();
    expect(new Set(levels).size, "letters outside the window are seen").toBe(16);
    const small = await sharp(await drawInstance({ sha256, frame: 1, side: 2, shown: "as sent" })).metadata();
    expect([Math.max(small.width, small.height), small.format]).toEqual([2, "png"]);
    const larger = await sharp(await drawInstance({ sha256, frame: 1, side: 96, shown: "as sent" })).metadata();
    expect([larger.width, larger.height], "never larger than it is stored").toEqual([width, height]);
    await expect(drawInstance({ sha256, frame: 2, shown: "all" })).rejects.toMatchObject({ code: "invalid" });
    for (const actor of [radiologist, monitor])
      await expect(find(actor, one?.instanceId ?? "")).rejects.toMatchObject({ code: "not_found" });
    for (const actor of [radiologist, monitor])
      await expect(decide(one?.instanceId ?? "", "cleared", actor)).rejects.toMatchObject({ code: "42501" });

    await decide(one?.instanceId ?? "", "cleared");
    for (const actor of [coordinator, radiologist])
      expect((await find(actor, one?.instanceId ?? "")).isHeld, "control: decided").toBe(false);
    await decide(two?.instanceId ?? "", "rejected");
    await expect(decide(two?.instanceId ?? "", "cleared")).rejects.toMatchObject({ code: "conflict" });
    expect((await held()).map(({ decided }) => decided)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ decision: "cleared", reason: "Looked at every corner" }),
        expect.objectContaining({ decision: "rejected" }),
      ]),
    );
    await find(radiologist, one?.instanceId ?? "");
    await expect(find(radiologist, two?.instanceId ?? "")).rejects.toMatchObject({ code: "not_found" });
  });

  test("that say they are of somebody else are held, whoever writes the name in which order is not", async () => {
    const named = (PatientName: string, sop: number, PatientID = `H-${seeds}`) =>
      slice({ PatientName, PatientID, SOPInstanceUID: `1.2.3.${sop}` });
    expect(await send(named("PATIENT^sun", 1))).toEqual(["accepted"]);
    expect(await send(named("Patient Sun", 2))).toEqual(["accepted"]);
    expect(await send(named("Moon^Patient", 3))).toEqual(["held"]);
    expect(await send(named("Sun^Patient", 4, "H-999"))).toEqual(["held"]);
    // Two patients in one upload, the second without a name that could be compared.
    expect(await send(named("Sun^Patient", 5), named("", 6))).toEqual(["accepted", "held"]);
    const [exam] = await seen();
    expect(exam?.series.map(({ held, stacks }) => [held, stacks[0]?.frames.length])).toEqual([[3, 3]]);
  });

  test("with letters in them wait for a person: by their flag, or as captures of a screen", async () => {
    expect(await send(ofPatient({ BurnedInAnnotation: "YES" }))).toEqual(["held"]);
    expect(await send(ofPatient({ SOPInstanceUID: "1.2.3.2", SOPClassUID: "1.2.840.10008.5.1.4.1.1.7" }))).toEqual([
      "held",
    ]);
    expect(await send(ofPatient({ SOPInstanceUID: "1.2.3.3", ImageType: ["DERIVED", "SCREEN SAVE"] }))).toEqual([
      "held",
    ]);
    expect(await send(ofPatient({ SOPInstanceUID: "1.2.3.4", ConversionType: "WSD" }))).toEqual(["held"]);
    expect((await seen())[0]?.series[0]?.stacks).toEqual([]);
  });

  test("what is no image of DICOM is refused with its reason, and the upload goes on", async () => {
    const damaged = ofPatient().subarray(0, 300);
    expect(await send(Buffer.from("Letters"), damaged, ofPatient({ Rows: [] }), ofPatient())).toEqual([
      ...new Array(3).fill("refused"),
      "accepted",
    ]);
    const reasons =
      await admin`select reason ->> 'key' as key from uploaded_file where study_id = ${study.studyId} and outcome = 'refused' order by ordinal`;
    expect(reasons.map(({ key }) => key)).toEqual([
      "dicom.refused.not_dicom",
      "dicom.refused.damaged",
      "dicom.refused.no_image",
    ]);
  });

  test("with more frames than a row tells of are refused, whatever their size", async () => {
    const { coordinator } = study.members;
    const { uploadId } = await begin();
    const bytes = ofPatient({ NumberOfFrames: 1_000_000_000 });
    const { outcome, reason } = await takeFile(coordinator, { uploadId, ordinal: 1, bytes });
    expect([outcome, reason]).toEqual([
      "refused",
      { key: "dicom.refused.frames", values: { frames: 1_000_000_000, limit: 2_000 } },
    ]);
  });

  test("say what was done with them, and do not say that letters in the pixels were looked for", async () => {
    await send(ofPatient());
    const [file] = await stored();
    const { data } = readDicom(file ?? new Uint8Array());
    const methods = texts(data, tagOf("DeidentificationMethod")).join(" ");
    expect(methods).toMatch(/Basic .*Profile.*Modified Dates/);
    expect(methods).not.toMatch(/Clean Pixel/);
  });

  test("are brought by coordinators alone, of subjects who take part", async () => {
    const { locating_radiologist, monitor, reader, coordinator } = study.members;
    for (const actor of [locating_radiologist, monitor, reader])
      await expect(withActor(actor, (tx) => beginUpload(tx, actor, { examId, source: "browser" }))).rejects.toThrow();
    const { uploadId } = await begin();
    await withdrawConsent(coordinator, { number, withdrawnOn: "2026-02-01", scope: "keep" });
    await expect(takeFile(coordinator, { uploadId, ordinal: 1, bytes: ofPatient() })).rejects.toThrow("withdrew");
    expect(await stored()).toEqual([]);
  });

  test("are the files that the server took in for that very exam: none is named by SQL, another site's, one's own of another exam or once more; control: as it was taken in", async () => {
    const { coordinator } = study.members;
    await send(ofPatient());
    const other = await addPatient(door, study, {
      ...{ name: "Patient Moon", shortAxisMm: 5, positive: true, seed: ++seeds },
      only: ["axial"],
    });
    const [theirs] = await admin`select sha256 from crop where node_id = ${other.nodeId}`;
    const [own] = await admin`select sha256 from image_instance where study_id = ${study.studyId}`;
    const word = voucher("image_instance", study.studyId, examId, own?.sha256, "2.25.2");
    const [exams] = await admin`
      select (select e.id from exam e join subject s on s.id = e.subject_id where s.study_id = ${study.studyId} and s.number = ${other.number}) as other`;
    const named = (how: { sha256?: string; exam?: string; vouched?: true }) =>
      withActor(coordinator, async (tx) => {
        const ids = { upload: randomUUID(), series: randomUUID() };
        const exam = how.exam ?? examId;
        await tx.execute(
          sql`insert into image_upload (id, study_id, exam_id, source) values (${ids.upload}, ${study.studyId}, ${exam}, 'browser')`,
        );
        await tx.execute(
          sql`insert into image_series (id, study_id, exam_id, uid, parameters) values (${ids.series}, ${study.studyId}, ${exam}, '2.25.1', '{}')`,
        );
        await tx.execute(sql`
          insert into image_instance (study_id, series_id, upload_id, uid, sop_class_uid, transfer_syntax_uid, sha256, pixel_sha256, source_digest, patient_digest, bytes, frames, rows, columns, planes, voucher)
          select study_id, ${ids.series}, ${ids.upload}, '2.25.2', sop_class_uid, transfer_syntax_uid, coalesce(${how.sha256 ?? null}, sha256), pixel_sha256, source_digest, patient_digest, bytes, frames, rows, columns, planes,
                 ${how.vouched ? sql`${word}` : sql`voucher`} from image_instance where study_id = ${study.studyId}`);
        throw new Error("done");
      }).catch((error: { constraint?: string; message: string }) => error.constraint ?? error.message);
    expect(await named({ sha256: theirs?.sha256 })).toBe("image_was_not_taken_in");
    expect(await named({ exam: exams?.other })).toBe("image_was_not_taken_in");
    expect(await named({}), "under another name, where nobody rejected it").toBe("image_was_not_taken_in");
    expect(await named({ vouched: true })).toBe("done");
  });

  test("tell upload by upload what came of the files, and why, alike ones together", async () => {
    const file = ofPatient();
    await send(file, new TextEncoder().encode("no image"), new TextEncoder().encode("none either"));
    await send(file);
    for (const role of ["coordinator", "locating_radiologist", "monitor"] as const) {
      const [exam] = await seen(study.members[role]);
      expect(
        exam?.uploads.map(({ by, source, ended }) => ({
          by,
          source,
          ended: ended.map((each) => ({ ...each, bytes: each.bytes > 0 })),
        })),
        role,
      ).toEqual([
        {
          ...{ by: "coordinator", source: "browser" },
          ended: [{ outcome: "known", reason: null, files: 1, bytes: true }],
        },
        {
          ...{ by: "coordinator", source: "browser" },
          ended: [
            { outcome: "accepted", reason: null, files: 1, bytes: true },
            { outcome: "refused", reason: expect.stringContaining("DICOM"), files: 2, bytes: true },
          ],
        },
      ]);
    }
  });

  test("can be judged or not, as the locating radiologist says with the reasons of the protocol; the newest counts", async () => {
    const { locating_radiologist: radiologist, coordinator, monitor, reader } = study.members;
    const judge = (actor: typeof radiologist, verdict: "usable" | "unusable", reasons: string[]) =>
      withActor(actor, (tx) => judgeQuality(tx, actor, { examId, verdict, reasons }));
    expect((await seen())[0]).toMatchObject({ quality: null });
    await judge(radiologist, "unusable", ["motion", "coverage"]);
    for (const actor of [radiologist, coordinator, monitor])
      expect((await seen(actor))[0]?.quality, actor.role).toMatchObject({
        ...{ verdict: "unusable", reasons: ["Motion", "The region is not covered"], by: "locating_radiologist" },
      });
    await expect(judge(radiologist, "unusable", ["ugly"])).rejects.toThrow(
      /“ugly” is no reason of the protocol: motion/,
    );
    await expect(judge(radiologist, "unusable", [])).rejects.toMatchObject({ constraint: "image_quality_verdict" });
    for (const actor of [coordinator, monitor, reader])
      await expect(judge(actor, "usable", []), actor.role).rejects.toThrow();
    await judge(radiologist, "usable", []);
    expect((await seen())[0]?.quality).toMatchObject({ verdict: "usable", reasons: [] });
  });

  test("go with a subject who is to be forgotten, and the days by which they were moved", async () => {
    await send(ofPatient());
    const [{ sha256 }] =
      (await admin`select sha256 from image_instance where study_id = ${study.studyId}`) as never as [
        { sha256: string },
      ];
    expect(await store.has(sha256)).toBe(true);
    const { coordinator } = study.members;
    await withdrawConsent(coordinator, { number, withdrawnOn: "2026-02-01", scope: "destroy" });
    expect(await store.has(sha256)).toBe(false);
    expect(await admin`select 1 from date_offset where study_id = ${study.studyId}`).toHaveLength(0);
  });
});

const sets = new URL("../../../shared/data/mr-dicom/", import.meta.url);
describe.skipIf(!existsSync(sets))("an exam of a scanner (shared/data/mr-dicom)", () => {
  test.each([
    ["siemens-pelvis-t2", [["axial", 40]]],
    [
      "siemens-localizer-3plane",
      [
        ["axial", 7],
        ["coronal", 7],
        ["sagittal", 7],
      ],
    ],
  ] as const)("%s lies in the planes that it was taken in", async (folder, expected) => {
    const files = readdirSync(new URL(folder, sets))
      .filter((name) => name.endsWith(".dcm"))
      .map((name) => readFileSync(new URL(`${folder}/${name}`, sets)));
    const { data } = readDicom(files[0] ?? new Uint8Array());
    await admin`update subject_identity set name = ${text(data, tagOf("PatientName")) ?? ""}, hospital_number = ${text(data, tagOf("PatientID")) ?? ""}
      where study_id = ${study.studyId}`;
    expect(new Set(await send(...files))).toEqual(new Set(["accepted"]));
    const [exam] = await seen();
    expect(
      exam?.series
        .flatMap(({ stacks }) => stacks.map(({ orientation, frames }) => [orientation.name, frames.length]))
        .sort(),
    ).toEqual(expected);
  });
});
