import { DatabaseError } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { openCase } from "./open-case";

/** The case that follows a stored read; null where its reader opens it: the list is done, or the screen is looked at first. */
export async function followingCase(actor: StudyActor, { listDone }: { listDone: boolean }) {
  if (listDone) return null;
  try {
    return await openCase(actor);
  } catch (error) {
    if (error instanceof DatabaseError && error.constraint === "display_check_due") return null;
    throw error;
  }
}
