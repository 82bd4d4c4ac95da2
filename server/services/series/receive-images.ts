import { record } from "@/server/audit";
import { type StudyActor, withActor } from "@/server/door";
import { type Coming, type PlacedFile, takePlaced } from "./take-placed";

/**
 * Takes the images that a scanner or archive of one site sends in one go, each into the exam that it belongs to (`takePlaced`). What belongs to no subject or exam of
 * the site is turned away: the trail says at the end how many, and nothing of whom. Manages its own transactions.
 * @param actor of the site whose subjects they may be of
 * @param from.sender as the settings name it
 */
export function receiveImages(
  actor: StudyActor & { siteId: string },
  from: { site: string; sender: string },
): { take: (file: Uint8Array) => Promise<PlacedFile>; end: () => Promise<void> } {
  const coming: Coming = { source: "network", given: {}, places: new Map(), exams: new Map() };
  const turnedAway = new Map<string, number>();
  return {
    async take(file) {
      const taken = await takePlaced(actor, coming, file);
      if (taken.subject === null && taken.reason)
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
