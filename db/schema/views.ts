import {
  bigint,
  boolean,
  doublePrecision,
  integer,
  jsonb,
  numeric,
  pgSchema,
  text,
  timestamp,
  uuid,
} from "drizzle-orm/pg-core";
import type { Plane } from "@/core/dicom/plane";
import type { ReadDisplay } from "@/core/reading/display";
import { scalar } from "./columns";
import { pathologyResult } from "./pathology";
import { call, readSource } from "./reading";

/*
 * Which row counts: views of db/views, with the columns that are read. They show a role what its policies on the tables show it.
 */

const nw = pgSchema("nw");
const at = () => timestamp({ withTimezone: true });
const shortAxisMm = () => numeric({ precision: 5, scale: 2, mode: "number" });

/** What is recorded of a subject. */
export const currentBaseline = nw
  .view("current_baseline", {
    studyId: uuid().notNull(),
    subjectId: uuid().notNull(),
    itemKey: text().notNull(),
    value: scalar().notNull(),
    protocolVersionId: uuid().notNull(),
  })
  .existing();

/** A node that is not excluded. */
export const studiedNode = nw
  .view("studied_node", {
    id: uuid().notNull(),
    studyId: uuid().notNull(),
    subjectId: uuid().notNull(),
    ordinal: integer().notNull(),
    label: text().notNull(),
    region: text(),
  })
  .existing();

export const currentSize = nw
  .view("current_size", {
    studyId: uuid().notNull(),
    nodeId: uuid().notNull(),
    shortAxisMm: shortAxisMm().notNull(),
    measuredAt: at().notNull(),
  })
  .existing();

export const currentCrop = nw
  .view("current_crop", {
    id: uuid().notNull(),
    studyId: uuid().notNull(),
    nodeId: uuid().notNull(),
    plane: text().notNull(),
    sha256: text(),
    pixelSha256: text(),
    signature: text(),
    width: integer(),
    height: integer(),
    originalSha256: text(),
    bitDepth: integer(),
    windowLow: integer(),
    windowHigh: integer(),
    scaledFromWidth: integer(),
    scaledFromHeight: integer(),
    createdBy: uuid().notNull(),
    createdAt: at().notNull(),
  })
  .existing();

export const currentReport = nw
  .view("current_report", {
    id: uuid().notNull(),
    studyId: uuid().notNull(),
    nodeId: uuid().notNull(),
    result: pathologyResult().notNull(),
    reportedAt: at().notNull(),
  })
  .existing();

export const currentMatch = nw
  .view("current_match", { id: uuid().notNull(), studyId: uuid().notNull(), nodeId: uuid().notNull() })
  .existing();

export const currentRead = nw
  .view("current_read", {
    id: uuid().notNull(),
    studyId: uuid().notNull(),
    caseId: uuid().notNull(),
    readerCode: text().notNull(),
    conditionKey: text().notNull(),
    occasion: integer().notNull(),
    criteria: jsonb().notNull(),
    /** Null where the case was not evaluable. */
    call: call(),
    confidence: integer(),
    rating: doublePrecision(),
    notEvaluable: text(),
    activeMs: integer(),
    display: jsonb().$type<ReadDisplay>(),
    submittedAt: at().notNull(),
    source: readSource().notNull(),
    protocolVersionId: uuid().notNull(),
  })
  .existing();

/** A crop with a reference standard: what readers and network are judged on. `truth`: 1 = positive; `shortAxisMm`: null where it was not measured. */
export const judgedImage = nw
  .view("judged_image", {
    studyId: uuid().notNull(),
    cropId: uuid().notNull(),
    nodeId: uuid().notNull(),
    subjectId: uuid().notNull(),
    subject: text().notNull(),
    node: text().notNull(),
    ordinal: integer().notNull(),
    plane: text().notNull(),
    sha256: text(),
    pixelSha256: text(),
    signature: text(),
    width: integer(),
    height: integer(),
    truth: integer().$type<0 | 1>().notNull(),
    shortAxisMm: shortAxisMm(),
  })
  .existing();

/** Files in which letters are still looked for, and whether their images wait for it. */
export const unlookedImage = nw
  .view("unlooked_image", {
    studyId: uuid().notNull(),
    instanceId: uuid().notNull(),
    sha256: text().notNull(),
    askedAt: at().notNull(),
    waits: boolean().notNull(),
  })
  .existing();

/** Images that wait for a person, or that one rejected, or in which letters are looked for first. */
export const heldImage = nw.view("held_image", { studyId: uuid().notNull(), instanceId: uuid().notNull() }).existing();

/** Crops that show what was filled with black since they were cut. */
export const blackedCrop = nw.view("blacked_crop", { studyId: uuid().notNull(), cropId: uuid().notNull() }).existing();

/** An image with the file that it is now: the one that came, or the one in which letters were filled last. */
export const currentImage = nw
  .view("current_image", {
    id: uuid().notNull(),
    studyId: uuid().notNull(),
    seriesId: uuid().notNull(),
    uploadId: uuid().notNull(),
    uid: text().notNull(),
    transferSyntaxUid: text().notNull(),
    sha256: text().notNull(),
    pixelSha256: text().notNull(),
    bytes: bigint({ mode: "number" }).notNull(),
    number: integer(),
    frames: integer().notNull(),
    rows: integer().notNull(),
    columns: integer().notNull(),
    planes: jsonb().$type<(Plane | null)[]>().notNull(),
    createdAt: at().notNull(),
  })
  .existing();
