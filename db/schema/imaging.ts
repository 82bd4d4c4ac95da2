import { sql } from "drizzle-orm";
import {
  check,
  type ExtraConfigColumn,
  foreignKey,
  index,
  integer,
  numeric,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { at, atOnce, by, now, ofSameStudy, oneOfStudy, studyId, transaction } from "./columns";
import { subject } from "./enrolment";
import { kept } from "./kept";
import { afterLock, may, ofStudy, ofVisibleNode, ofVisibleSubject } from "./roles";

/** A target lesion: a lymph node in the founding study. */
export const node = pgTable(
  "node",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    subjectId: uuid().notNull(),
    /** 1, 2, ... within the subject. */
    ordinal: integer().notNull(),
    /** The name of the node in the imported manifest; otherwise N<ordinal>. */
    label: text().notNull(),
    region: text(),
    createdBy: by(),
    createdAt: now(),
  },
  (t) => [
    oneOfStudy("node", t),
    ofSameStudy("node_of_subject", t, t.subjectId, subject),
    unique("node_ordinal").on(t.subjectId, t.ordinal),
    unique("node_label").on(t.subjectId, t.label),
    index("node_study").on(t.studyId),
    may(
      "select",
      ["coordinator", "locating_radiologist", "pathologist", "monitor", "principal_investigator", "importer"],
      ofVisibleSubject,
    ),
    may("select", ["data_scientist"], afterLock),
    may("select", ["worker"], afterLock),
    may("insert", ["locating_radiologist", "importer"], ofVisibleSubject),
  ],
);
kept(node, { untilLock: true, audited: true });

/** A node taken out of the study by the locating radiologist, with the reason. (A node that pathology cannot find is excluded by its report.) */
export const nodeExclusion = pgTable(
  "node_exclusion",
  {
    nodeId: uuid().primaryKey(),
    studyId: studyId(),
    reason: text().notNull(),
    excludedBy: by(),
    excludedAt: now(),
    transaction: transaction(),
  },
  (t) => [
    ofSameStudy("node_exclusion_of_node", t, t.nodeId, node),
    may(
      "select",
      ["coordinator", "locating_radiologist", "pathologist", "monitor", "principal_investigator", "importer"],
      ofVisibleNode,
    ),
    may("select", ["data_scientist"], afterLock),
    may("select", ["worker"], afterLock),
    may("insert", ["locating_radiologist", "importer"], ofVisibleNode),
  ],
);
kept(nodeExclusion, { untilLock: true, audited: true });

/** Short-axis diameter. A table of its own because readers must not see it in Cohort 1. A re-measurement is a new row; the newest counts. */
export const nodeSize = pgTable(
  "node_size",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    nodeId: uuid().notNull(),
    shortAxisMm: numeric({ precision: 5, scale: 2, mode: "number" }).notNull(),
    measuredBy: by(),
    measuredAt: atOnce(),
  },
  (t) => [
    oneOfStudy("node_size", t),
    ofSameStudy("node_size_of_node", t, t.nodeId, node),
    index("node_size_node").on(t.nodeId),
    check("node_size_range", sql`short_axis_mm > 0 and short_axis_mm <= 200`),
    may("select", ["coordinator", "locating_radiologist", "pathologist", "monitor", "importer"], ofVisibleNode),
    may("select", ["data_scientist", "principal_investigator"], afterLock),
    may("select", ["worker"], afterLock),
    may("insert", ["locating_radiologist", "importer"], ofVisibleNode),
  ],
);
kept(nodeSize, { appendOnly: true, untilLock: true, audited: true });

/** A file in the content-addressed store, as one of this study: `nw.note_stored()` alone adds one, with the server's signature that it stored its bytes for the study. */
export const storedObject = pgTable(
  "stored_object",
  {
    studyId: studyId(),
    sha256: text().notNull(),
    mediaType: text().notNull(),
    /** Null where a file was named before each was noted here. */
    bytes: integer(),
    createdAt: now(),
  },
  (t) => [
    unique("stored_object_key").on(t.studyId, t.sha256),
    check("stored_object_sha256", sql`sha256 ~ '^[0-9a-f]{64}$'`),
    may("select", ["importer"], ofStudy),
  ],
);
kept(storedObject, { appendOnly: true });

/**
 * A file that is being stored and that no row names yet: noted before it is stored (`nw.note_storing()`), gone in the transaction that names it; or one that no row
 * names any more. What is left here and not named, the worker deletes from the store (`nw.take_unnamed_files()`). Nobody looks here.
 */
export const fileBeingStored = pgTable(
  "file_being_stored",
  {
    /** One id for the files of one deed. */
    attempt: uuid().notNull(),
    studyId: studyId(),
    sha256: text().notNull(),
    /** From when on nobody begins any more to name it. */
    expiresAt: at().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.attempt, t.sha256] }),
    index("file_being_stored_expires").on(t.expiresAt),
    index("file_being_stored_file").on(t.sha256),
    check("file_being_stored_sha256", sql`sha256 ~ '^[0-9a-f]{64}$'`),
  ],
);
kept(fileBeingStored, { forgotten: true });

/** A key to a file of the same study: whose row names a file hands it out, and deletes it. */
export const ofFile = (name: string, t: { studyId: ExtraConfigColumn }, column: ExtraConfigColumn) =>
  foreignKey({ name, columns: [t.studyId, column], foreignColumns: [storedObject.studyId, storedObject.sha256] });

/**
 * The image of one node in one plane, as decoded pixels re-encoded to PNG. A replaced crop is superseded, never changed. Without a picture: an image of which
 * only reads, or scores, were published; nobody reads it here, and no network is trained on it.
 */
export const crop = pgTable(
  "crop",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    nodeId: uuid().notNull(),
    plane: text().notNull(),
    /** SHA-256 of the PNG that people and the network see: the pixels at the size they came in, 8 bits a channel. Null where there is no picture. */
    sha256: text(),
    /** SHA-256 of the PNG with the pixels at the depth they came in, too: `sha256` again for 8 bits. Null for a crop from before originals were kept, too. */
    originalSha256: text(),
    /** Of the original, a channel; null with it. */
    bitDepth: integer(),
    /** The levels of a 16-bit original that are shown black and white, and what chose them: the lowest and highest of its pixels, or whoever cut it. */
    windowLow: integer(),
    windowHigh: integer(),
    windowRule: text({ enum: ["pixel-range", "chosen"] }),
    /** SHA-256 of the pixels that are shown, with their size: equal for copies saved by different programs. */
    pixelSha256: text(),
    /** What it looks like, to find near-duplicates (`core/imaging/perceptual-hash.ts`); null where it shows too little. */
    signature: text(),
    width: integer(),
    height: integer(),
    /** Only from before originals were kept: the size it came in, when it was above 299 px and was scaled down with its shape kept. */
    scaledFromWidth: integer(),
    scaledFromHeight: integer(),
    createdBy: by(),
    createdAt: now(),
    supersededAt: at(),
  },
  (t) => [
    ofSameStudy("crop_of_node", t, t.nodeId, node),
    ofFile("crop_of_file", t, t.sha256),
    ofFile("crop_of_original_file", t, t.originalSha256),
    index("crop_node").on(t.nodeId),
    uniqueIndex("crop_current").on(t.nodeId, t.plane).where(sql`superseded_at is null`),
    oneOfStudy("crop", t),
    index("crop_pixels").on(t.studyId, t.pixelSha256),
    index("crop_image").on(t.studyId, t.sha256),
    check("crop_signature", sql`length(signature) = 1385 and signature ~ '^[0-9a-f]{16}:[A-Za-z0-9+/]+==$'`),
    check("crop_picture", sql`num_nulls(sha256, pixel_sha256, width, height) in (0, 4)`),
    check(
      "crop_no_picture",
      sql`sha256 is not null or num_nonnulls(original_sha256, bit_depth, signature, scaled_from_width) = 0`,
    ),
    check(
      "crop_original",
      sql`num_nulls(original_sha256, bit_depth) in (0, 2) and bit_depth in (8, 16) and (bit_depth <> 8 or original_sha256 = sha256)`,
    ),
    check(
      "crop_window",
      sql`num_nulls(window_low, window_high, window_rule) = case when bit_depth = 16 then 0 else 3 end and window_low <= window_high`,
    ),
    check(
      "crop_scaled",
      sql`num_nulls(scaled_from_width, scaled_from_height) in (0, 2) and (scaled_from_width is null or original_sha256 is null)`,
    ),
    may("select", ["coordinator", "locating_radiologist", "pathologist", "monitor", "importer"], ofVisibleNode),
    may("select", ["data_scientist", "principal_investigator"], afterLock),
    may("select", ["worker"], ofStudy),
    may("insert", ["locating_radiologist", "importer"], ofVisibleNode),
    may("update", ["locating_radiologist"], ofVisibleNode, [t.supersededAt]),
  ],
);
kept(crop, { untilLock: true, audited: true });

/**
 * A crop as a reader gets it who is not shown the size of its node (`server/services/imaging/draw-on-canvas.ts`). Stored, because drawing it takes the longer the
 * larger it is. Nobody looks here: `nw.case_at()` names the file.
 */
export const cropCanvas = pgTable(
  "crop_canvas",
  {
    cropId: uuid().notNull(),
    studyId: studyId(),
    /** How it is drawn. */
    rendering: text().notNull(),
    sha256: text().notNull(),
    /** The server's HMAC over this canvas and what the crop's row says of its picture (`server/services/imaging/canvas-of.ts`); null for one from before. */
    voucher: text(),
    drawnAt: now(),
  },
  (t) => [
    primaryKey({ columns: [t.cropId, t.rendering] }),
    ofSameStudy("crop_canvas_of_crop", t, t.cropId, crop),
    ofFile("crop_canvas_of_file", t, t.sha256),
    index("crop_canvas_image").on(t.studyId, t.sha256),
    check("crop_canvas_voucher", sql`voucher ~ '^[0-9a-f]{64}$'`),
    // With its crop, so that nobody shows another picture in its place; the worker draws those of earlier versions.
    may(
      "insert",
      ["locating_radiologist", "importer"],
      sql`${ofStudy} and crop_id in (select id from crop where created_at = now())`,
    ),
    may("insert", ["worker"], sql`${ofStudy} and crop_id in (select id from crop)`),
  ],
);
kept(cropCanvas, { appendOnly: true, untilLock: true });

const ofVisibleCrops = sql`${ofStudy} and crop_id in (select id from crop) and other_id in (select id from crop)`;

/**
 * Two images of two nodes that are nearly the same picture (`core/imaging/near-duplicates.ts`), as found when the later one came: before the lock nobody sees
 * both the images and their truths, and `nw.contradictions()` holds them against each other.
 */
export const alikeCrops = pgTable(
  "alike_crops",
  {
    studyId: studyId(),
    cropId: uuid().notNull(),
    otherId: uuid().notNull(),
    foundAt: now(),
  },
  (t) => [
    primaryKey({ columns: [t.cropId, t.otherId] }),
    ofSameStudy("alike_crops_of_crop", t, t.cropId, crop),
    ofSameStudy("alike_crops_of_other", t, t.otherId, crop),
    index("alike_crops_other").on(t.otherId),
    may("insert", ["importer"], ofVisibleCrops),
  ],
);
kept(alikeCrops, { appendOnly: true, untilLock: true });
