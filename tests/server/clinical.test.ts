import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { enrolSubject } from "@/server/services/enrolment/enrol-subject";
import { flowDiagram } from "@/server/services/enrolment/flow-diagram";
import { screenSubject } from "@/server/services/enrolment/screen-subject";
import { subjectByNumber } from "@/server/services/enrolment/subject-by-number";
import { viewIdentity } from "@/server/services/enrolment/view-identity";
import { addCrop } from "@/server/services/imaging/add-crop";
import { decodeCrop } from "@/server/services/imaging/decode-crop";
import { findCropPlace } from "@/server/services/imaging/find-crop-place";
import { listNodes } from "@/server/services/imaging/list-nodes";
import { lockStudy } from "@/server/services/lock/lock-study";
import { listWorklist } from "@/server/services/pathology/list-worklist";
import { reportNode } from "@/server/services/pathology/report-node";
import { store } from "@/server/store";
import { freshDatabase } from "@/tests/support/database";
import { addPatient, draw, eligible, type MadeStudy, makeStudy, report } from "@/tests/support/study";

const database = await freshDatabase();
const { door } = database;
let study: MadeStudy;
let nodeId: string;
beforeAll(async () => {
  study = await makeStudy({ door, ownerUrl: database.owner });
  ({ nodeId } = await addPatient(door, study, { name: "Ada Example", shortAxisMm: 6.5, positive: true, seed: 1 }));
});

const enrolment = {
  consentSignedOn: "2026-01-05",
  consentVersion: "1",
  values: { sex: "male", age_years: 55, t_stage: "T2" },
  examOn: "2026-01-06",
  scanner: "3 T",
};

describe("the coordinator", () => {
  const { withActor } = door;
  const screen = (answers: typeof eligible) =>
    withActor(study.members.coordinator, (tx) =>
      screenSubject(tx, study.members.coordinator, { identity: null, answers }),
    );
  const enrol = (number: string, values: Record<string, string | number | null> = {}) =>
    withActor(study.members.coordinator, (tx) =>
      enrolSubject(tx, study.members.coordinator, {
        ...enrolment,
        values: { ...enrolment.values, ...values },
        number,
      }),
    );

  test("keeps a failed screening with its reasons, counts it, and cannot enrol it", async () => {
    const { number, verdict } = await screen({ ...eligible, neoadjuvant: "met" });
    expect(verdict).toBe("ineligible");
    const found = await withActor(study.members.coordinator, (tx) =>
      subjectByNumber(tx, study.members.coordinator, { number }),
    );
    expect(found.assessments[0]?.reasons.map((reason) => reason.key)).toEqual(["neoadjuvant"]);
    await expect(enrol(number)).rejects.toThrow(/failed screening. Nothing was saved/);
    const flow = await withActor(study.members.coordinator, (tx) =>
      flowDiagram(tx, study.members.coordinator, { locked: false }),
    );
    expect(flow).toMatchObject({ screened: 2, enrolled: 1 });
  });

  test("cannot enrol while a criterion is unknown, nor with values that the protocol refuses or without those it requires, nor twice", async () => {
    const { number: undecided } = await screen({ ...eligible, biopsy: "unknown" });
    await expect(enrol(undecided)).rejects.toThrow(/not decided/);
    const { number } = await screen(eligible);
    await expect(enrol(number, { t_stage: "T9", age_years: 130 })).rejects.toMatchObject({
      problems: [
        "Age at MRI: 130 lies above 120 years; correct it, or give the reason",
        'Clinical T stage: "T9" is not known; choose one of T1, T2, T3, T4a, T4b',
      ],
    });
    await expect(enrol(number, { sex: "" })).rejects.toMatchObject({ problems: ["Sex: is missing; record it"] });
    await enrol(number);
    await expect(enrol(number)).rejects.toThrow(/enrolled already/);
  });

  test("sees who a patient is, and that somebody looked is in the audit trail; the radiologist does not see it", async () => {
    const look = (as: "coordinator" | "locating_radiologist") => viewIdentity(study.members[as], { number: "001" });
    expect(await look("coordinator")).toMatchObject({ name: "Ada Example" });
    await expect(look("locating_radiologist")).rejects.toThrow();
    const seen = await withActor(study.members.monitor, (tx) =>
      tx.execute<{ entity_id: string }>(sql`select entity_id from audit_event where action = 'identity.viewed'`),
    );
    expect(seen.map((event) => event.entity_id)).toEqual(["001"]);
  });

  test("and another never get the same number at the same moment", async () => {
    const made = await Promise.all(Array.from({ length: 6 }, () => screen(eligible)));
    expect(new Set(made.map(({ number }) => number)).size).toBe(6);
  });
});

describe("an uploaded crop", () => {
  const drawn = (background = "#446688") =>
    sharp({ create: { width: 40, height: 30, channels: 3, background } }).withExif({
      IFD0: { Artist: "Ada Example", ImageDescription: "hospital number 4711" },
    });

  test("keeps no metadata: what is stored is the decoded pixels", async () => {
    const bytes = await drawn().jpeg().toBuffer();
    expect(bytes.includes("Ada Example")).toBe(true);
    const { image, files } = await decodeCrop({ name: "a.jpg", bytes });
    expect(files.map(({ sha256 }) => sha256)).toEqual([image.sha256, image.canvasSha256]);
    for (const { bytes: png } of files) {
      expect(png.includes("Ada Example")).toBe(false);
      expect((await sharp(png).metadata()).exif).toBeUndefined();
    }
    expect([image.width, image.height]).toEqual([40, 30]);
  });

  test("has the same pixel hash whichever program saved it, and another when a pixel differs", async () => {
    const { image: one } = await decodeCrop({
      name: "a.png",
      bytes: await drawn().png({ compressionLevel: 0 }).toBuffer(),
    });
    const { image: two } = await decodeCrop({
      name: "b.png",
      bytes: await drawn().png({ compressionLevel: 9 }).toBuffer(),
    });
    const { image: other } = await decodeCrop({
      name: "c.png",
      bytes: await drawn()
        .composite([{ input: Buffer.from([255, 0, 0]), raw: { width: 1, height: 1, channels: 3 }, left: 3, top: 3 }])
        .png()
        .toBuffer(),
    });
    expect(one.pixelSha256).toBe(two.pixelSha256);
    expect(other.pixelSha256).not.toBe(one.pixelSha256);
  });

  const wide = (width: number, height = 2) =>
    sharp({ create: { width, height, channels: 3, background: "#446688" } })
      .png()
      .toBuffer();
  test.each([
    ["empty", async () => Buffer.alloc(0), /"x.png" is empty/],
    ["no image", async () => Buffer.from("GIF89a..."), /not an image that is taken here. Give a JPEG or PNG/],
    ["cut off", async () => (await drawn().png().toBuffer()).subarray(0, 90), /damaged or cut off after 90 bytes/],
    ["too many bytes", async () => Buffer.alloc(21 * 1024 ** 2), /at most 20 MB/],
    ["too wide", async () => wide(4097), /has 4097 x 2 pixels; at most 4096 a side are taken. Cut it down/],
    [
      "too large",
      async () => wide(4096, 1025),
      /has 4096 x 1025 pixels, 4,198,400 in all; at most 4,194,304 in all are taken, as 2048 x 2048 has. Cut it down/,
    ],
  ])("that is %s is refused by name, with what to do", async (_, bytes, message) => {
    await expect(decodeCrop({ name: "x.png", bytes: await bytes() })).rejects.toThrow(message);
  });

  test("is replaced by a later one until a schedule holds it", async () => {
    const { locating_radiologist: r1 } = study.members;
    const upload = async (plane: string, replaces: string | null, colour?: string) => {
      const { image, files } = await decodeCrop({ name: "a.png", bytes: await drawn(colour).png().toBuffer() });
      const stored = await Promise.all(files.map((file) => store.put(file.bytes)));
      return door.withActor(r1, (tx) => addCrop(tx, r1, { nodeId, plane, replaces, image, files: stored }));
    };
    const axial = async () => {
      const { nodes } = await door.withActor(r1, (tx) => listNodes(tx, r1, { number: "001" }));
      return nodes[0]?.crops.filter((crop) => crop.plane === "axial") ?? [];
    };
    const [before] = await axial();
    await upload("axial", before?.id ?? null);
    const [after] = await axial();
    expect(await axial()).toMatchObject([{ width: 40, height: 30 }]);
    await expect(upload("oblique", null)).rejects.toThrow(/no plane "oblique".*axial, sagittal, coronal/);
    await draw(door, study);
    await expect(upload("axial", after?.id ?? null, "#886644")).rejects.toThrow(/schedule/);
  });

  test("has a place before it is decoded: a node that is seen, in a plane of the protocol, of a study that is not locked", async () => {
    const { locating_radiologist: r1 } = study.members;
    const place = (of: { nodeId: string; plane: string }) => door.withActor(r1, (tx) => findCropPlace(tx, r1, of));
    expect(await place({ nodeId, plane: "axial" })).toEqual({ nodeId, name: "001 N1" });
    await expect(place({ nodeId, plane: "oblique" })).rejects.toThrow(/no plane "oblique"/);
    await expect(place({ nodeId: randomUUID(), plane: "axial" })).rejects.toMatchObject({ code: "not_found" });
    const locked = await makeStudy({ door, ownerUrl: database.owner });
    const there = await addPatient(door, locked, { name: "There", shortAxisMm: 6, positive: true, seed: 9, only: [] });
    const { locating_radiologist: other, principal_investigator: pi } = locked.members;
    const elsewhere = () =>
      door.withActor(other, (tx) => findCropPlace(tx, other, { nodeId: there.nodeId, plane: "axial" }));
    expect(await elsewhere()).toMatchObject({ nodeId: there.nodeId });
    await expect(place({ nodeId: there.nodeId, plane: "axial" })).rejects.toMatchObject({ code: "not_found" });
    await door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "As it is" }));
    await expect(elsewhere()).rejects.toMatchObject({ code: "locked" });
  });
});

describe("the pathologist", () => {
  const send = (options: Parameters<typeof reportNode>[2]) =>
    door.withActor(study.members.pathologist, (tx) => reportNode(tx, study.members.pathologist, options));

  test("reports a node, and corrects only with a reason; both reports stay", async () => {
    await report(door, study, nodeId, "negative");
    const again = { nodeId, specimen: "S1", confidence: "probable", result: "positive" } as const;
    await expect(send({ ...again, reason: null })).rejects.toThrow(/give the reason for the correction/);
    await send({ ...again, reason: "Second section" });
    const worklist = await door.withActor(study.members.pathologist, (tx) =>
      listWorklist(tx, study.members.pathologist),
    );
    const reports = worklist.find((node) => node.id === nodeId)?.reports ?? [];
    expect(reports.map(({ result }) => result).toSorted()).toEqual(["negative", "positive"]);
  });

  test("cannot report a node that is not there", async () => {
    await expect(
      send({ nodeId: randomUUID(), specimen: "S1", confidence: "certain", result: "positive", reason: null }),
    ).rejects.toThrow();
  });
});
