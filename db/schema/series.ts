import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { z } from "zod";
import type { Plane } from "@/core/dicom/plane";
import type { Said } from "@/core/words";
import { at, atOnce, by, now, ofSameStudy, oneOfStudy, studyId } from "./columns";
import { exam, subject } from "./enrolment";
import { crop, node, nodeSize, ofFile } from "./imaging";
import { kept } from "./kept";
import { afterLock, may, ofStudy, ofVisibleNode } from "./roles";

/** Rows of exams that this role can see. */
const ofVisibleExam = sql.raw("study_id = (select nw.study_id()) and exam_id in (select id from exam)");
/** Rows of series that this role can see, and so on. */
const ofVisibleSeries = sql.raw("study_id = (select nw.study_id()) and series_id in (select id from image_series)");
const ofVisibleInstance = sql.raw(
  "study_id = (select nw.study_id()) and instance_id in (select id from image_instance)",
);
const ofVisibleUpload = sql.raw("study_id = (select nw.study_id()) and upload_id in (select id from image_upload)");

/** Who sees images as they came from the scanner: never a reader, and a pathologist has no need to. */
const seesImages = ["coordinator", "locating_radiologist", "monitor", "importer"] as const;
/** Who brings them. */
const bringsImages = ["coordinator", "importer"] as const;

/**
 * The secret under which UIDs of a study are hashed (`core/dicom/uid.ts`). Nobody looks here: `nw.deidentification()` tells it to whoever takes images in.
 */
export const deidentificationKey = pgTable(
  "deidentification_key",
  { studyId: studyId().primaryKey(), key: text().notNull(), createdAt: now() },
  () => [check("deidentification_key_hex", sql`key ~ '^[0-9a-f]{64}$'`)],
);
kept(deidentificationKey, { appendOnly: true });

/** By how many days the dates of a subject's images are moved. Nobody looks here, as above. Goes when the subject's images are destroyed. */
export const dateOffset = pgTable(
  "date_offset",
  { subjectId: uuid().primaryKey(), studyId: studyId(), days: integer().notNull(), createdAt: now() },
  (t) => [ofSameStudy("date_offset_of_subject", t, t.subjectId, subject), check("date_offset_days", sql`days <> 0`)],
);
kept(dateOffset, { forgotten: true });

/** Files that came together: a folder that was dropped, a ZIP, what a command found of one exam, what came over the network in one association. */
export const imageUpload = pgTable(
  "image_upload",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    examId: uuid().notNull(),
    source: text({ enum: ["browser", "command_line", "network"] }).notNull(),
    createdBy: by(),
    createdAt: now(),
  },
  (t) => [
    oneOfStudy("image_upload", t),
    ofSameStudy("image_upload_of_exam", t, t.examId, exam),
    index("image_upload_exam").on(t.examId),
    check("image_upload_source", sql`source in ('browser', 'command_line', 'network')`),
    may("select", seesImages, ofVisibleExam),
    may("insert", bringsImages, ofVisibleExam),
  ],
);
kept(imageUpload, { appendOnly: true, untilLock: true, audited: true });

/** Images of an exam that the scanner took together: a series. Its stacks, of which a localizer of three planes has three, follow from the planes of its frames. */
export const imageSeries = pgTable(
  "image_series",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    examId: uuid().notNull(),
    /** Hashed Series Instance UID. */
    uid: text().notNull(),
    modality: text(),
    /** Series Number. */
    number: integer(),
    /** Cleaned. */
    description: text(),
    /** What the protocol's sequence table asks of (`core/protocol/imaging.ts`), by figure; of the image that came first, where it says so. */
    parameters: jsonb().$type<Record<string, number>>().notNull(),
    createdAt: now(),
  },
  (t) => [
    oneOfStudy("image_series", t),
    ofSameStudy("image_series_of_exam", t, t.examId, exam),
    unique("image_series_uid").on(t.studyId, t.uid),
    index("image_series_exam").on(t.examId),
    may("select", seesImages, ofVisibleExam),
    may("select", ["data_scientist", "principal_investigator"], afterLock),
    may("insert", bringsImages, ofVisibleExam),
  ],
);
kept(imageSeries, {
  appendOnly: true,
  untilLock: true,
  audited: true,
  documents: { parameters: z.record(z.string(), z.number()) },
});

const vector = z.tuple([z.number(), z.number(), z.number()]);
const framePlanes = z.array(
  z
    .object({
      ...{ position: vector, row: vector, column: vector, normal: vector },
      spacing: z.object({ rows: z.number(), columns: z.number(), source: z.string() }),
      ...{ width: z.number(), height: z.number(), thickness: z.number().optional() },
    })
    .nullable(),
);

/** One stored object: a slice, or several frames. What is kept is the de-identified file; the original bytes never are. */
export const imageInstance = pgTable(
  "image_instance",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    seriesId: uuid().notNull(),
    uploadId: uuid().notNull(),
    /** Hashed SOP Instance UID, and Frame of Reference UID: positions of one such frame are in one space. */
    uid: text().notNull(),
    frameOfReferenceUid: text(),
    sopClassUid: text().notNull(),
    transferSyntaxUid: text().notNull(),
    /** Of the file, and of its pixel data: the same in another wrapping. */
    sha256: text().notNull(),
    pixelSha256: text().notNull(),
    /** HMAC of the bytes as they came, and of who they say they are of, under the study's key: the same file, and another patient's, are known again. */
    sourceDigest: text().notNull(),
    patientDigest: text().notNull(),
    bytes: bigint({ mode: "number" }).notNull(),
    number: integer(),
    frames: integer().notNull(),
    rows: integer().notNull(),
    columns: integer().notNull(),
    /** Where each frame lies in the patient, null where the file does not tell. */
    planes: jsonb().$type<(Plane | null)[]>().notNull(),
    /** The server's HMAC over exam, file and name (`server/services/series/store-image.ts`); null for one from before. */
    voucher: text(),
    createdAt: now(),
  },
  (t) => [
    oneOfStudy("image_instance", t),
    ofSameStudy("image_instance_of_series", t, t.seriesId, imageSeries),
    ofSameStudy("image_instance_of_upload", t, t.uploadId, imageUpload),
    ofFile("image_instance_of_file", t, t.sha256),
    unique("image_instance_uid").on(t.studyId, t.uid),
    index("image_instance_series").on(t.seriesId),
    index("image_instance_upload").on(t.uploadId),
    index("image_instance_source").on(t.studyId, t.sourceDigest),
    index("image_instance_file").on(t.studyId, t.sha256),
    check("image_instance_voucher", sql`voucher ~ '^[0-9a-f]{64}$'`),
    check("image_instance_frames", sql`frames >= 1 and rows >= 1 and columns >= 1`),
    may("select", seesImages, ofVisibleSeries),
    may("select", ["data_scientist", "principal_investigator"], afterLock),
    may("select", ["worker"], ofStudy),
    may("insert", bringsImages, ofVisibleSeries),
  ],
);
// A thousand frames have a thousand planes.
kept(imageInstance, { appendOnly: true, untilLock: true, largest: 2 ** 20, documents: { planes: framePlanes } });

/** Where letters are in a file: frame from 1, left, top, width and height in pixels, and how sure the recogniser is of them. */
const seenLetters = z.array(
  z.object({
    frame: z.number(),
    box: z.tuple([z.number(), z.number(), z.number(), z.number()]),
    confidence: z.number(),
  }),
);
export type SeenLetters = z.infer<typeof seenLetters>[number];

/** What became of each file of an upload, with the reason: its report. No name of a file stands here, because people write names of patients into those. */
export const uploadedFile = pgTable(
  "uploaded_file",
  {
    uploadId: uuid().notNull(),
    studyId: studyId(),
    /** 1, 2, ... in the order in which they were sent. */
    ordinal: integer().notNull(),
    outcome: text({ enum: ["accepted", "known", "held", "refused"] }).notNull(),
    reason: jsonb().$type<Said>(),
    instanceId: uuid(),
    bytes: bigint({ mode: "number" }).notNull(),
    receivedAt: atOnce(),
  },
  (t) => [
    primaryKey({ columns: [t.uploadId, t.ordinal] }),
    ofSameStudy("uploaded_file_of_upload", t, t.uploadId, imageUpload),
    ofSameStudy("uploaded_file_of_instance", t, t.instanceId, imageInstance),
    check("uploaded_file_outcome", sql`outcome in ('accepted', 'known', 'held', 'refused')`),
    check("uploaded_file_reason", sql`(reason is not null) = (outcome in ('held', 'refused'))`),
    check("uploaded_file_instance", sql`(instance_id is null) = (outcome = 'refused')`),
    may("select", seesImages, ofVisibleUpload),
    may("insert", bringsImages, ofVisibleUpload),
  ],
);
kept(uploadedFile, { appendOnly: true, untilLock: true });

/**
 * A file in which the worker looks for letters, or looked (`worker/letters`): asked for by the database with the image, where the protocol says so, and with each black-out;
 * written by `nw.take_image_to_look_at()` and what follows it alone. What the letters say stands nowhere: it may be a name.
 */
export const imageLook = pgTable(
  "image_look",
  {
    instanceId: uuid().notNull(),
    studyId: studyId(),
    sha256: text().notNull(),
    /** Whether the image is shown to nobody until then. Not so of one that was there before letters were looked for, or that a person blacked out. */
    waits: boolean().notNull(),
    askedAt: atOnce(),
    /** The last sign of the worker that is at it, or was. */
    takenAt: at(),
    attempts: integer().notNull().default(0),
    lookedAt: at(),
    /** By which models and thresholds; null where it could not be looked at. */
    method: text(),
    /** Where letters are, whatever became of it: frame from 1, left, top, width and height in pixels, and how sure of it the recogniser is. */
    letters: jsonb().$type<SeenLetters[]>(),
  },
  (t) => [
    primaryKey({ columns: [t.instanceId, t.sha256] }),
    ofSameStudy("image_look_of_instance", t, t.instanceId, imageInstance),
    index("image_look_taken").on(t.takenAt),
    index("image_look_to_do").on(t.askedAt).where(sql`looked_at is null`),
    check(
      "image_look_known",
      sql`(looked_at is not null) = (letters is not null) and (method is null or looked_at is not null)`,
    ),
    may("select", seesImages, ofVisibleInstance),
  ],
);
// A thousand frames may have letters each.
kept(imageLook, { untilLock: true, largest: 2 ** 20, documents: { letters: seenLetters } });

const boxes = z.array(z.tuple([z.number(), z.number(), z.number(), z.number()]));

/** Why an image waits for a person: nothing held is shown in the viewer or cropped. */
export const imageHold = pgTable(
  "image_hold",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    instanceId: uuid().notNull(),
    reason: text({
      enum: ["burned_in_flag", "secondary_capture", "other_patient", "letters_seen", "not_looked_at"],
    }).notNull(),
    /** The file in which the worker saw letters, or which it could not look at; null for what the file said of itself as it came. */
    sha256: text(),
    /** Where a person has to look: left, top, width, height in pixels. */
    boxes: jsonb().$type<[number, number, number, number][]>().notNull(),
    heldAt: atOnce(),
  },
  (t) => [
    oneOfStudy("image_hold", t),
    ofSameStudy("image_hold_of_instance", t, t.instanceId, imageInstance),
    unique("image_hold_once").on(t.instanceId, t.reason, t.sha256).nullsNotDistinct(),
    check(
      "image_hold_reason",
      sql`reason in ('burned_in_flag', 'secondary_capture', 'other_patient', 'letters_seen', 'not_looked_at')`,
    ),
    check("image_hold_looked", sql`(sha256 is not null) = (reason in ('letters_seen', 'not_looked_at'))`),
    may("select", seesImages, ofVisibleInstance),
    may("insert", bringsImages, ofVisibleInstance),
  ],
);
kept(imageHold, {
  appendOnly: true,
  untilLock: true,
  audited: true,
  documents: { boxes },
});

/** What a person decided of a held image: it shows nobody, is shown once its letters are black (`image_black_out`), or is not used. */
export const holdDecision = pgTable(
  "hold_decision",
  {
    holdId: uuid().primaryKey(),
    studyId: studyId(),
    decision: text({ enum: ["cleared", "blacked_out", "rejected"] }).notNull(),
    reason: text().notNull(),
    decidedBy: by(),
    decidedAt: atOnce(),
  },
  (t) => [
    ofSameStudy("hold_decision_of_hold", t, t.holdId, imageHold),
    check("hold_decision_known", sql`decision in ('cleared', 'blacked_out', 'rejected')`),
    may("select", seesImages, sql.raw("study_id = (select nw.study_id()) and hold_id in (select id from image_hold)")),
    may(
      "insert",
      ["coordinator"],
      sql.raw("study_id = (select nw.study_id()) and hold_id in (select id from image_hold)"),
    ),
  ],
);
kept(holdDecision, { appendOnly: true, untilLock: true, audited: true });

/**
 * An image in which a person had boxes filled with black: from then on it is this file (`nw.current_image`), and the one before it is deleted from the store.
 * Letters that are found later are filled in it in turn.
 */
export const imageBlackOut = pgTable(
  "image_black_out",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    instanceId: uuid().notNull(),
    /** The file in which they were filled. */
    fromSha256: text().notNull(),
    /** The file that came of it, and its pixel data; not compressed. */
    sha256: text().notNull(),
    pixelSha256: text().notNull(),
    transferSyntaxUid: text().notNull(),
    bytes: bigint({ mode: "number" }).notNull(),
    /** Left, top, width, height in pixels, in every frame. */
    boxes: jsonb().$type<[number, number, number, number][]>().notNull(),
    /** The server's HMAC over image and both files (`server/services/series/black-out-image.ts`). */
    voucher: text().notNull(),
    blackedOutBy: by(),
    blackedOutAt: now(),
  },
  (t) => [
    ofSameStudy("image_black_out_of_instance", t, t.instanceId, imageInstance),
    ofFile("image_black_out_of_file", t, t.sha256),
    unique("image_black_out_once").on(t.instanceId, t.fromSha256),
    index("image_black_out_file").on(t.studyId, t.sha256),
    check("image_black_out_files", sql`sha256 <> from_sha256 and bytes > 0`),
    check("image_black_out_voucher", sql`voucher ~ '^[0-9a-f]{64}$'`),
    may("select", seesImages, ofVisibleInstance),
    may("select", ["data_scientist", "principal_investigator"], afterLock),
    may("select", ["worker"], ofStudy),
    may("insert", ["coordinator"], ofVisibleInstance),
  ],
);
kept(imageBlackOut, { appendOnly: true, untilLock: true, audited: true, documents: { boxes: boxes.min(1) } });

/** A size as it was measured in the viewer: where in which image. A size without one was typed. */
export const measurement = pgTable(
  "measurement",
  {
    sizeId: uuid().primaryKey(),
    studyId: studyId(),
    nodeId: uuid().notNull(),
    instanceId: uuid().notNull(),
    /** 1, 2, ... within the image. */
    frame: integer().notNull(),
    longAxisMm: doublePrecision().notNull(),
    /** Ends of the long, then of the short axis in the patient's coordinates: twelve numbers, mm. */
    ends: doublePrecision().array().notNull(),
    /** mm between rows and between columns, and where they are from, as they counted. */
    rowSpacing: doublePrecision().notNull(),
    columnSpacing: doublePrecision().notNull(),
    spacingSource: text().notNull(),
    /** 1, 2, ... of this person at this node. */
    repeat: integer().notNull(),
    measuredBy: by(),
    measuredAt: atOnce(),
  },
  (t) => [
    ofSameStudy("measurement_of_size", t, t.sizeId, nodeSize),
    ofSameStudy("measurement_of_node", t, t.nodeId, node),
    ofSameStudy("measurement_of_instance", t, t.instanceId, imageInstance),
    index("measurement_node").on(t.nodeId),
    unique("measurement_repeat").on(t.nodeId, t.measuredBy, t.repeat),
    check("measurement_ends", sql`cardinality(ends) = 12`),
    check("measurement_frame", sql`frame >= 1 and repeat >= 1 and long_axis_mm > 0`),
    may("select", seesImages, ofVisibleNode),
    may("select", ["data_scientist", "principal_investigator"], afterLock),
    may("insert", ["locating_radiologist"], ofVisibleNode),
  ],
);
kept(measurement, { appendOnly: true, untilLock: true, audited: true });

/** From where a crop was cut: an image of the store, its box and window; it can be drawn again to the byte. A crop without one came as a file. */
export const cropSource = pgTable(
  "crop_source",
  {
    cropId: uuid().primaryKey(),
    studyId: studyId(),
    instanceId: uuid().notNull(),
    frame: integer().notNull(),
    /** Pixels of the frame. */
    boxLeft: integer().notNull(),
    boxTop: integer().notNull(),
    boxWidth: integer().notNull(),
    boxHeight: integer().notNull(),
    /** What is shown black and white, in values after the modality LUT. */
    windowLow: doublePrecision().notNull(),
    windowHigh: doublePrecision().notNull(),
    rowSpacing: doublePrecision(),
    columnSpacing: doublePrecision(),
    cutBy: by(),
    cutAt: now(),
  },
  (t) => [
    ofSameStudy("crop_source_of_crop", t, t.cropId, crop),
    ofSameStudy("crop_source_of_instance", t, t.instanceId, imageInstance),
    index("crop_source_instance").on(t.instanceId),
    check(
      "crop_source_box",
      sql`frame >= 1 and box_left >= 0 and box_top >= 0 and box_width >= 1 and box_height >= 1 and window_low < window_high`,
    ),
    may("select", seesImages, sql.raw("study_id = (select nw.study_id()) and crop_id in (select id from crop)")),
    may("select", ["data_scientist", "principal_investigator"], afterLock),
    may(
      "insert",
      ["locating_radiologist"],
      sql.raw("study_id = (select nw.study_id()) and crop_id in (select id from crop where created_at = now())"),
    ),
  ],
);
kept(cropSource, { appendOnly: true, untilLock: true, audited: true });

/** Whether the images of an exam can be judged, as the locating radiologist found before anybody reads. The newest counts. */
export const imageQuality = pgTable(
  "image_quality",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    examId: uuid().notNull(),
    verdict: text().$type<"usable" | "limited" | "unusable">().notNull(),
    /** Keys of the protocol. */
    reasons: text().array().notNull(),
    judgedBy: by(),
    judgedAt: atOnce(),
  },
  (t) => [
    ofSameStudy("image_quality_of_exam", t, t.examId, exam),
    index("image_quality_exam").on(t.examId),
    check(
      "image_quality_verdict",
      sql`verdict in ('usable', 'limited', 'unusable') and (verdict = 'usable' or cardinality(reasons) > 0)`,
    ),
    may("select", seesImages, ofVisibleExam),
    may("select", ["data_scientist", "principal_investigator"], afterLock),
    may("insert", ["locating_radiologist"], ofVisibleExam),
  ],
);
kept(imageQuality, { appendOnly: true, untilLock: true, audited: true });

/** How long somebody worked on an exam in the viewer: added up by `nw.add_exam_time()` alone, which takes no more seconds than passed since it was called before. */
export const examTime = pgTable(
  "exam_time",
  {
    examId: uuid().notNull(),
    studyId: studyId(),
    spentBy: by(),
    /** With the exam in sight and no minute without a key, a click or a move. */
    seconds: integer().notNull().default(0),
    firstAt: atOnce(),
    lastAt: atOnce(),
  },
  (t) => [
    primaryKey({ columns: [t.examId, t.spentBy] }),
    ofSameStudy("exam_time_of_exam", t, t.examId, exam),
    check("exam_time_passed", sql`seconds between 0 and extract(epoch from last_at - first_at)`),
    may("select", ["coordinator", "locating_radiologist", "monitor", "importer"], ofVisibleExam),
    may("select", ["data_scientist", "principal_investigator"], afterLock),
  ],
);
kept(examTime, { untilLock: true });
