import { z } from "zod";
import { said } from "@/core/words/said";
import { leakage } from "./leakage";
import { matchConfidence, pathologyResult } from "./pathology";
import { planeName, quality, spacingSource } from "./series";
import { studyRole } from "./study";

/** The parts of a passport that not everybody sees. */
export const passportParts = ["exams", "sizes", "crops", "sources", "reads", "pathology", "network"] as const;
export type PassportPart = (typeof passportParts)[number];

/** Why a part is not there: it is none of this role's, or it opens with the lock. */
const unseen = z.enum(["role", "lock"]);
export type Unseen = z.infer<typeof unseen>;

export const passportInput = z.object({ nodeId: z.uuid() });

const number = z.number();
/** Who wrote it down, null where that is nobody of the study, and when. */
const noted = { by: z.string().nullable(), at: z.date() };
/** mm between rows and between columns; null where the image does not tell. */
const spacing = z.object({ rows: number, columns: number }).nullable();

/** A frame of an image of the scanner. */
const slice = z.object({
  instanceId: z.uuid(),
  frame: z.int(),
  frames: z.int(),
  exam: z.string(),
  series: z.int().nullable(),
  description: z.string().nullable(),
  /** Instance Number. */
  number: z.int().nullable(),
  orientation: planeName.nullable(),
  width: z.int(),
  height: z.int(),
  spacing,
  sha256: z.string(),
  /** When it was taken in; who brought it is told to those who see the scanner's images. */
  at: z.date(),
  by: z.string().nullable(),
  /** Whether its picture is shown to this role; one that waits for a decision, or was rejected, is to nobody. */
  picture: z.enum(["shown", "held", "role"]),
});
export type PassportSlice = z.infer<typeof slice>;

/** Pixels of the frame from its upper left corner: 0.5 is the centre of the first one. */
const point = z.object({ x: number, y: number });
const axis = z.tuple([point, point]);

const exam = z.object({
  id: z.uuid(),
  performedOn: z.string(),
  scanner: z.string(),
  ...noted,
  /** Null: this role does not see what the scanner sent. */
  images: z.object({ series: z.int(), images: z.int() }).nullable(),
  quality: quality.nullable(),
});

const size = z.object({
  id: z.uuid(),
  shortAxisMm: number,
  /** The newest. */
  counts: z.boolean(),
  ...noted,
  /** Null: it was typed without an image, or `sources` are not seen. */
  measured: z
    .object({
      longAxisMm: number,
      /** 1, 2, ... of this person at this node. */
      repeat: z.int(),
      /** Ends of the long, then of the short axis in the patient's coordinates: twelve numbers, mm. */
      ends: z.array(number),
      spacing,
      spacingSource,
      slice,
      axes: z.object({ long: axis, short: axis }).nullable(),
    })
    .nullable(),
});
export type PassportSize = z.infer<typeof size>;

const crop = z.object({
  id: z.uuid(),
  plane: z.string(),
  sha256: z.string().nullable(),
  originalSha256: z.string().nullable(),
  width: z.int().nullable(),
  height: z.int().nullable(),
  bitDepth: z.int().nullable(),
  scaledFrom: z.object({ width: z.int(), height: z.int() }).nullable(),
  supersededAt: z.date().nullable(),
  ...noted,
  /** Null: it came as a file, or `sources` are not seen. */
  source: z
    .object({
      box: z.object({ left: z.int(), top: z.int(), width: z.int(), height: z.int() }),
      /** Shown black and white, in values after the modality step. */
      window: z.object({ low: number, high: number }),
      spacing,
      slice,
      ...noted,
    })
    .nullable(),
});
export type PassportCrop = z.infer<typeof crop>;

const read = z.object({
  id: z.uuid(),
  reader: z.string(),
  condition: z.string(),
  occasion: z.int(),
  planes: z.array(z.string()),
  call: z.enum(["positive", "negative"]).nullable(),
  /** Null where the case was called. */
  notEvaluable: z.string().nullable(),
  /** The criteria that were found present. */
  signs: z.array(z.string()),
  /** 0-100 */
  confidence: z.int().nullable(),
  rating: number.nullable(),
  source: z.enum(["reader", "imported", "simulated"]),
  at: z.date(),
  /** Why it takes the place of an earlier one. */
  correctionReason: z.string().nullable(),
  /** Whether no later one takes its place. */
  counts: z.boolean(),
});
export type PassportRead = z.infer<typeof read>;

const pathologyReport = z.object({
  id: z.uuid(),
  result: pathologyResult,
  reason: z.string().nullable(),
  /** The newest. */
  counts: z.boolean(),
  ...noted,
  specimen: z
    .object({
      label: z.string(),
      ...noted,
      match: z.object({ confidence: matchConfidence, sharedReason: z.string().nullable(), ...noted }),
    })
    .nullable(),
});
export type PassportReport = z.infer<typeof pathologyReport>;

const network = z.object({
  /** The run that speaks for the network; null: there is none. */
  run: z
    .object({
      id: z.uuid(),
      trainable: z.enum(["head", "network", "baseline", "elsewhere"]),
      endedAt: z.date().nullable(),
      by: z.string().nullable(),
      leakage: leakage.nullable(),
      cautions: z.array(said),
    })
    .nullable(),
  scores: z.array(
    z.object({ cropId: z.uuid(), plane: z.string(), score: number, threshold: number, fold: z.int().nullable() }),
  ),
});
export type PassportNetwork = z.infer<typeof network>;

/** Everything that is recorded of a node, from its patient to its score, as far as a role sees it. */
export const passport = z.object({
  /** As whom it was looked at. */
  role: studyRole,
  isLocked: z.boolean(),
  subject: z.object({ number: z.string(), enrolledAt: z.date().nullable(), ...noted }),
  node: z.object({
    id: z.uuid(),
    label: z.string(),
    /** As the protocol calls it. */
    region: z.string().nullable(),
    ...noted,
    excluded: z.object({ reason: z.string(), ...noted }).nullable(),
  }),
  planes: z.array(z.object({ key: z.string(), label: z.string() })),
  exams: z.union([z.array(exam), unseen]),
  sizes: z.union([z.array(size), unseen]),
  crops: z.union([z.array(crop), unseen]),
  /** Whether it is told where sizes were measured and crops were cut. */
  sources: z.union([z.literal("seen"), unseen]),
  reads: z.union([z.array(read), unseen]),
  pathology: z.union([z.array(pathologyReport), unseen]),
  network: z.union([network, unseen]),
});
export type Passport = z.infer<typeof passport>;
