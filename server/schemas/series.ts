import { z } from "zod";

const number = z.number();
const vector = z.tuple([number, number, number]).readonly();

/** Where a frame lies in the patient, mm (`core/dicom/plane.ts`). */
const plane = z.object({
  ...{ position: vector, row: vector, column: vector, normal: vector },
  spacing: z.object({
    ...{ rows: number, columns: number },
    source: z.enum(["patient", "calibrated", "corrected", "detector", "film"]),
  }),
  ...{ width: z.int(), height: z.int(), thickness: number.optional() },
});

const frame = z.object({ instanceId: z.uuid(), frame: z.int() });
const stackFrame = frame.extend({ plane });

const stack = z.object({
  orientation: z.object({
    name: z.enum(["axial", "sagittal", "coronal", "oblique"]),
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
  parameters: z.record(z.string(), z.union([number, z.string()])),
  stacks: z.array(stack),
  withoutPlane: z.array(frame),
  /** Images that wait for a person. */
  held: z.int(),
});
export type SeriesView = z.infer<typeof series>;

export const examsView = z.array(
  z.object({ id: z.uuid(), performedOn: z.string(), scanner: z.string(), series: z.array(series) }),
);
export type ExamView = z.infer<typeof examsView>[number];

export const uploadOutcomes = ["accepted", "known", "held", "refused"] as const;
export const fileOutcome = z.object({ outcome: z.enum(uploadOutcomes), reason: z.string().nullable() });
export type FileAnswer = z.infer<typeof fileOutcome>;

export const uploadReport = z.array(
  z.object({ ordinal: z.int(), outcome: z.enum(uploadOutcomes), reason: z.string().nullable(), bytes: z.int() }),
);
