import type { Said } from "@/core/words";
import { record } from "@/server/audit";
import { type StudyActor, withActor } from "@/server/door";
import type { FileOutcome } from "@/server/services/series/note-outcome";
import { type Coming, takePlaced } from "@/server/services/series/take-placed";
import { ofWhoseSubjects } from "./of-whose-subjects";
import { waitInInbox } from "./wait-in-inbox";

/** What became of an image: as of any file, or it waits in the inbox of the site. */
export interface Received {
  outcome: FileOutcome["outcome"] | "waiting";
  reason: Said | null;
}

/** Why an image finds no exam that a person, or a record that is still to come, can find for it. */
const waitable = ["no_number", "unknown_number", "several_subjects", "no_day", "no_exam", "several_exams"].map(
  (reason) => `dicom.refused.${reason}`,
);

/**
 * Takes the images that a scanner or archive of one site sends in one go, each into the exam that it belongs to (`takePlaced`). What belongs to no subject or exam of
 * the site yet waits in its inbox (`waitInInbox`). What is taken nowhere is turned away: the trail says at the end how many, and nothing of whom. Manages its own transactions.
 * @param actor of the site whose subjects they may be of
 * @param from.sender as the settings name it
 */
export function receiveImages(
  actor: StudyActor & { siteId: string },
  from: { site: string; sender: string },
): { take: (file: Uint8Array) => Promise<Received>; end: () => Promise<void> } {
  const coming: Coming = { source: "network", given: {}, places: new Map(), exams: new Map() };
  const turnedAway = new Map<string, number>();
  let placing: Promise<StudyActor> | undefined;
  return {
    async take(file) {
      placing ??= ofWhoseSubjects(actor);
      const placed = await takePlaced(await placing, coming, file);
      if (placed.subject !== null || !placed.reason) return placed;
      const taken = waitable.includes(placed.reason.key) ? await waitInInbox(actor, file) : placed;
      if (taken.outcome === "refused" && taken.reason)
        turnedAway.set(taken.reason.key, (turnedAway.get(taken.reason.key) ?? 0) + 1);
      return taken;
    },
    async end() {
      if (turnedAway.size === 0) return;
      const detail = { sender: from.sender, reasons: Object.fromEntries(turnedAway) };
      await withActor(actor, (tx) => record(tx, "images.turned_away", { entity: "site", entityId: from.site, detail }));
    },
  };
}
