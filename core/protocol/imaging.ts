import { z } from "zod";
import type { Locale } from "../words/locale";
import { type InOneLanguage, inLanguage, key, text } from "./text";

/** A figure of the scanner that is asked for, and by how much one may differ from it. */
const figure = z.strictObject({ value: z.number().positive(), within: z.number().nonnegative() });

/** A sequence of the protocol's table. A scan that differs is flagged with both numbers; it is not refused. What is left out is not looked at. */
const sequence = z.strictObject({
  key,
  label: text,
  /** By its geometry, whatever the scanner called it. */
  plane: z.enum(["axial", "sagittal", "coronal", "oblique"]),
  repetitionTimeMs: figure.optional(),
  echoTimeMs: figure.optional(),
  thicknessMm: figure.optional(),
  /** From one slice's centre to the next: thickness and gap. */
  stepMm: figure.optional(),
  /** Between the centres of pixels, the larger of both directions. */
  pixelMm: figure.optional(),
  /** The longer side. */
  fieldOfViewMm: figure.optional(),
});

/** What of a scan's header stays beside the Basic Profile of DICOM PS3.15: its options of section E.3. */
const deidentification = z.strictObject({
  /** Letters burned into the pixels are looked for before an image is shown, and held for a person (`worker/letters`). */
  cleanPixelData: z.boolean(),
  /** Of descriptions stays what is on the allow-list. */
  cleanDescriptors: z.boolean(),
  /** Dates are moved by an offset of the subject; otherwise none stays. */
  retainModifiedDates: z.boolean(),
  /** Serial number, station and model of the scanner stay. */
  retainDeviceIdentity: z.boolean(),
});

/** How scans are taken in. */
export const imaging = z.strictObject({
  deidentification,
  sequences: z.array(sequence),
  /** mm around each crop that was cut out of a scan: with them it is handed out a second time (`nodewise export-images`). Left out: it is not. */
  contextMm: z.number().positive().max(200).optional(),
  /** Why the images of an exam cannot be judged, or not well. Left out: `standardQualityReasons`. */
  qualityReasons: z
    .array(z.strictObject({ key: key.max(60), label: text }))
    .min(1)
    .optional(),
});
export type ImagingPlan = z.infer<typeof imaging>;
export type PlannedSequence = ImagingPlan["sequences"][number];

/** Where a protocol says nothing: days between exams, the scanner, and what is known to be said of a sequence. */
const usual = { cleanDescriptors: true, retainModifiedDates: true, retainDeviceIdentity: true };

/** What of a scan's header stays. A file is written before letters are looked for in its pixels, so none says that they were. */
export const retentionOf = (imaging: Pick<ImagingPlan, "deidentification"> | undefined) => ({
  ...(imaging?.deidentification ?? usual),
  cleanPixelData: false,
});

const standardQualityReasons: NonNullable<ImagingPlan["qualityReasons"]> = [
  { key: "motion", label: { en: "Motion", zh: "运动伪影" } },
  { key: "artefact", label: { en: "Other artefact (metal, air, flow)", zh: "其他伪影（金属、气体、血流）" } },
  { key: "coverage", label: { en: "The region is not covered", zh: "扫描范围未覆盖" } },
  { key: "sequence", label: { en: "A sequence is missing", zh: "缺少序列" } },
  { key: "resolution", label: { en: "Resolution or contrast too low", zh: "分辨率或对比度过低" } },
];

/** The reasons that may be given for images which cannot be judged, or not well: the protocol's, or the usual ones. */
export function qualityReasonsOf(imaging: InOneLanguage<ImagingPlan> | undefined, locale: Locale) {
  return imaging?.qualityReasons ?? inLanguage(standardQualityReasons, locale);
}

/** The figures of a sequence that a scan is held against. */
export const sequenceFigures = [
  "repetitionTimeMs",
  "echoTimeMs",
  "thicknessMm",
  "stepMm",
  "pixelMm",
  "fieldOfViewMm",
] as const satisfies (keyof PlannedSequence)[];
export type SequenceFigure = (typeof sequenceFigures)[number];
