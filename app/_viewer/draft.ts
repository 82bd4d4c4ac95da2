import { useEffect, useRef } from "react";
import { draftsOf } from "@/app/_lib/drafts";
import type { CropBox } from "@/server/schemas/series";
import { type Ends, type Frame, imageIdOf } from "./frames";
import type { Measured, Shown } from "./measured";

/** What is drawn and not saved yet, by the names under which Cornerstone loads the images. */
export interface Draft {
  measured: { imageId: string; ends: Ends } | null;
  crop: { imageId: string; box: CropBox } | null;
}

/** Milliseconds of rest after which what is drawn is kept: an end that is dragged is kept where it comes to lie. */
const rest = 300;

export const draftOf = (
  study: string,
  { measured, crop }: { measured: Measured | null; crop: (Shown & { box: CropBox }) | null },
): Draft => {
  const nameOf = ({ frame }: { frame: Frame }) => imageIdOf(study, frame);
  return {
    measured: measured && { imageId: nameOf(measured), ends: measured.ends },
    crop: crop && { imageId: nameOf(crop), box: crop.box },
  };
};

/**
 * Keeps what is drawn in this tab, for the person alone, so that a reload loses nothing; and each step of it, so that it can be taken back.
 * @param place.person e-mail address
 */
export function useKeptDraft(place: { person: string; examId: string }, draft: Draft, restore: (draft: Draft) => void) {
  const key = `${draftsOf(place.person)}exam-${place.examId}`;
  const steps = useRef<string[]>([]);
  const written = JSON.stringify(draft);
  useEffect(() => {
    // Before what was kept is drawn again there is nothing to keep.
    if (steps.current.length === 0) return;
    const timer = setTimeout(() => {
      if (steps.current.at(-1) === written) return;
      steps.current.push(written);
      sessionStorage.setItem(key, written);
    }, rest);
    return () => clearTimeout(timer);
  }, [key, written]);
  return {
    /** What was kept before, once the images are there. */
    begin: () => {
      if (steps.current.length > 0) return;
      const kept = keptDraft(place);
      steps.current.push(JSON.stringify(kept ?? { measured: null, crop: null }));
      if (kept) restore(kept);
    },
    undo: () => {
      if (steps.current.length < 2) return;
      steps.current.pop();
      const before = steps.current.at(-1);
      if (before === undefined) return;
      sessionStorage.setItem(key, before);
      restore(JSON.parse(before));
    },
  };
}

export function keptDraft({ person, examId }: { person: string; examId: string }): Draft | null {
  const kept = sessionStorage.getItem(`${draftsOf(person)}exam-${examId}`);
  return kept && JSON.parse(kept);
}
