import { z } from "zod";
import { sequenceFigures } from "@/core/protocol/imaging";
import { oneLine, withLines } from "@/core/text/characters";
import { said } from "@/core/words/said";
import { estimate } from "./analysis";
import { addNodeInput } from "./imaging";

const number = z.number();
const vector = z.tuple([number, number, number]).readonly();

/** Where the millimetres are from (`core/dicom/spacing.ts`). */
export const spacingSource = z.enum(["patient", "calibrated", "corrected", "detector", "film", "none"]);
export const planeName = z.enum(["axial", "sagittal", "coronal", "oblique"]);

/** Where a frame lies in the patient, mm (`core/dicom/plane.ts`). */
const plane = z.object({
  ...{ position: vector, row: vector, column: vector, normal: vector },
  spacing: z.object({
    ...{ rows: number, columns: number },
    source: spacingSource,
  }),
  ...{ width: z.int(), height: z.int(), thickness: number.optional() },
});

const frame = z.object({ instanceId: z.uuid(), frame: z.int() });
const stackFrame = frame.extend({ plane });

const stack = z.object({
  orientation: z.object({
    name: planeName,
    nearest: z.enum(["axial", "sagittal", "coronal"]),
    /** Degrees from the nearest plane. */
    tilt: number,
  }),
  frames: z.array(stackFrame),
  /** mm from one place to the next; null where there is one. */
  step: number.nullable(),
  /** How many times the next frame is farther away than it should be. */
  gaps: z.array(z.object({ millimetres: number })),
  /** Frames at a place where there are several. */
  shared: z.array(z.array(frame)),
});

const series = z.object({
  id: z.uuid(),
  modality: z.string().nullable(),
  number: z.int().nullable(),
  description: z.string().nullable(),
  /** Hashed Frame of Reference UID: positions of one are in one space. Null where the images name none. */
  space: z.string().nullable(),
  stacks: z.array(stack),
  withoutPlane: z.array(frame.extend({ width: z.int(), height: z.int() })),
  /** Images that wait for a person, and those in which letters are looked for first. */
  held: z.int(),
  unlooked: z.int(),
});
export type SeriesView = z.infer<typeof series>;

/** Pixels of the longer side of the picture of a series in a list. */
export const thumbnailSide = 96;

const sequence = z.object({
  key: z.string(),
  label: z.string(),
  isThere: z.boolean(),
  deviations: z.array(
    z.object({ figure: z.enum(sequenceFigures), asked: number, within: number, found: number.nullable() }),
  ),
});

export const uploadOutcomes = ["accepted", "known", "held", "refused"] as const;

export const qualityVerdicts = ["usable", "limited", "unusable"] as const;

/** A verdict on the images of an exam, with its reasons in words. */
export const quality = z.object({
  verdict: z.enum(qualityVerdicts),
  reasons: z.array(z.string()),
  ...{ by: z.string().nullable(), at: z.date() },
});
export type QualityView = z.infer<typeof quality>;

export const examsView = z.array(
  z.object({
    id: z.uuid(),
    performedOn: z.string(),
    scanner: z.string(),
    series: z.array(series),
    sequences: z.array(sequence),
    /** How far letters are looked for in its images; null where they are not. `waiting` are shown to nobody until then; `isUnderWay`: a worker gave a sign within the last minute. */
    look: z.object({ looked: z.int(), total: z.int(), waiting: z.int(), isUnderWay: z.boolean() }).nullable(),
    /** Whether its images can be judged, as the locating radiologist said last, and why; then the reasons that the protocol has. */
    quality: quality.nullable(),
    qualityReasons: z.array(z.object({ key: z.string(), label: z.string() })),
    /** How long who worked on it in the viewer. */
    times: z.array(z.object({ by: z.string().nullable(), seconds: z.int(), firstAt: z.date(), lastAt: z.date() })),
    uploads: z.array(
      z.object({
        id: z.uuid(),
        source: z.enum(["browser", "command_line", "network"]),
        at: z.date(),
        by: z.string().nullable(),
        /** Images that were taken, and in which the worker saw letters, or could not look. */
        ...{ lettersSeen: z.int(), notLookedAt: z.int() },
        /** Files that ended alike. */
        ended: z.array(
          z.object({ outcome: z.enum(uploadOutcomes), reason: z.string().nullable(), files: z.int(), bytes: number }),
        ),
      }),
    ),
  }),
);
export type ExamView = z.infer<typeof examsView>[number];

/** In bytes: an image of 16,000 x 16,000 pixels of 16 bits, or five hundred frames of 512 x 512. */
export const largestImageFile = 512 * 1024 ** 2;

export const fileOutcome = z.object({ outcome: z.enum(uploadOutcomes), reason: z.string().nullable() });
export type FileAnswer = z.infer<typeof fileOutcome>;

/** Whether an exam can be judged, and by the keys of the protocol why not, or not well. */
export const qualityInput = z
  .object({
    examId: z.uuid(),
    verdict: z.enum(qualityVerdicts),
    reasons: z.array(z.string().min(1).max(60).check(oneLine)).max(20),
  })
  .refine(({ verdict, reasons }) => verdict === "usable" || reasons.length > 0, {
    path: ["reasons"],
    error: "fields.reason",
  });

/** Seconds for which somebody worked on an exam since this was said before: no more than an hour at once. */
export const examTimeInput = z.object({ examId: z.uuid(), seconds: z.int().min(0).max(3600) });
export const examTimeOutput = z.object({ seconds: z.int() });
export const subjectTimesView = z.array(z.object({ subject: z.string(), seconds: z.int() }));

/** A frame of an image, counted from 1. */
const ofFrame = { instanceId: z.uuid(), frame: z.int().min(1) };

/** `ends` of the long axis, then of the short one, in the patient's coordinates, mm. */
const measuredIn = { ...ofFrame, ends: z.tuple([vector, vector, vector, vector]).readonly() };
export const measureInput = z.object({ nodeId: z.uuid(), ...measuredIn });
export const addMeasuredInput = addNodeInput.omit({ shortAxisMm: true }).extend(measuredIn);
export const measuredSize = z.object({ shortAxisMm: number, longAxisMm: number });
export const addedMeasured = measuredSize.extend({ nodeId: z.uuid(), label: z.string() });

/** `box` in pixels of the frame; `window`: what is shown black and white, in values after the modality step. */
export const cutInput = z.object({
  nodeId: z.uuid(),
  plane: z.string().min(1).max(60).check(oneLine),
  /** The crop in whose place it comes; null: there was none. */
  replaces: z.uuid().nullable(),
  ...ofFrame,
  box: z.object({ left: z.int(), top: z.int(), width: z.int(), height: z.int() }),
  window: z.object({ low: number, high: number }),
});
export type CropBox = z.infer<typeof cutInput>["box"];
export const cutOutput = z.object({ sha256: z.string(), width: z.int(), height: z.int(), bitDepth: z.int() });

export const holdReasons = [
  "burned_in_flag",
  "secondary_capture",
  "other_patient",
  "letters_seen",
  "not_looked_at",
] as const;
/** What a person decides in one word; boxes are drawn for what is blacked out. */
export const holdDecisions = ["cleared", "rejected"] as const;
const decisionReason = z.string().trim().min(3, "fields.reason").max(500).check(withLines);
/** Left, top, width and height in pixels. */
const pixelBox = z.tuple([z.int(), z.int(), z.int(), z.int()]);
export const decideInput = z.object({
  instanceId: z.uuid(),
  decision: z.enum(holdDecisions),
  reason: decisionReason,
});
export const blackOutInput = z.object({
  instanceId: z.uuid(),
  boxes: z.array(pixelBox).min(1).max(200),
  reason: decisionReason,
});

export const heldImages = z.array(
  z.object({
    instanceId: z.uuid(),
    reasons: z.array(z.enum(holdReasons)),
    /** Left, top, width and height in pixels, where somebody has to look. */
    boxes: z.array(z.tuple([number, number, number, number])),
    heldAt: z.date(),
    subject: z.string(),
    performedOn: z.string(),
    series: z.int().nullable(),
    description: z.string().nullable(),
    frames: z.int(),
    width: z.int(),
    height: z.int(),
    decided: z
      .object({ decision: z.enum([...holdDecisions, "blacked_out"]), reason: z.string(), at: z.date(), by: z.string() })
      .nullable(),
  }),
);
export type HeldImage = z.infer<typeof heldImages>[number];

/** Crops that may name somebody, because of what was found in their images since. */
export const tellingCrops = z.array(z.object({ subject: z.string(), node: z.string(), plane: z.string() }));

/** How far sizes lie apart that were measured twice (`core/stats/agreement/bland-altman.ts`), mm: first less second. */
export const sizeAgreement = z.array(
  z.object({
    /** Who measured, as a number; twice the same: of repeats. */
    first: z.int(),
    second: z.int(),
    nodes: z.int(),
    subjects: z.int(),
    bias: estimate,
    lowerLimit: estimate,
    upperLimit: estimate,
    cautions: z.array(said),
  }),
);
export type SizeAgreement = z.infer<typeof sizeAgreement>[number];
