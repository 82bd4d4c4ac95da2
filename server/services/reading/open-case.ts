import type { StudyActor } from "@/server/door";
import type { Turn } from "@/server/schemas/reading";
import { openedCase } from "./opened-case";
import { shownCase } from "./shown-case";

/** A case of the reader as the page gets it; null when there is none. The bytes are added by `withImages`. */
export async function openCase(actor: StudyActor, turn: Turn = "current") {
  const current = await shownCase(actor, turn);
  return current && openedCase(current);
}
