import { z } from "zod";

/** In bytes: one slice tells of a whole exam, and an image of several hundred frames of 256 x 256 has its place. */
export const largestPreviewFile = 64 * 1024 ** 2;

/** What is done with an attribute, what stays last. */
export const previewActions = [
  "removed",
  "emptied",
  "replaced",
  "hashed",
  "shifted",
  "cleaned",
  "added",
  "kept",
] as const;

const decidedBy = z.enum([
  "profile",
  "cleanPixelData",
  "cleanDescriptors",
  "retainModifiedDates",
  "retainDeviceIdentity",
  "private",
  "safePrivate",
  "representation",
  "result",
]);
/** A number: of so many bytes; null: it is not there. */
const value = z.union([z.string(), z.number(), z.null()]);

/** The attributes of a file, before its identity is taken away and after (`core/dicom/preview.ts`). */
export const previewAnswer = z.array(
  z.object({
    ...{ path: z.string(), name: z.string(), vr: z.string() },
    ...{ action: z.enum(previewActions), by: decidedBy },
    ...{ before: value, after: value },
  }),
);
export type PreviewAnswer = z.infer<typeof previewAnswer>;
export type PreviewedAttribute = PreviewAnswer[number];
