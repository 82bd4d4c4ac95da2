import type { WordValues } from "@/core/words";
import { SaidError } from "@/core/words/said";

/** Why a file is no picture of a study: each has its sentence in `core/words/{en,zh}/dicom.json`. */
export type RefusalReason =
  | "not_dicom"
  | "damaged"
  | "no_transfer_syntax"
  | "transfer_syntax"
  | "inflates_too_far"
  | "character_set"
  | "directory"
  | "frames"
  | "frames_unclear"
  | "too_large"
  | "pixels_missing"
  | "pixels_differ"
  | "pixels_break_off"
  | "no_image"
  | "picture_damaged"
  | "picture_pages"
  | "picture_samples"
  | "picture_too_large";

/** A file that cannot be taken, with its reason; the batch goes on. */
export class DicomRefusal extends SaidError {
  override name = "DicomRefusal";
  constructor(
    readonly reason: RefusalReason,
    values?: WordValues,
    options?: ErrorOptions,
  ) {
    super({ key: `dicom.refused.${reason}`, ...(values && { values }) }, options);
  }
}
