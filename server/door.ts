import type { Locale } from "@/core/words";
import { type Actor, type Door, openDoor, type Tx } from "@/db/actor";
import { env } from "./env";

/** Kept on globalThis so that hot reload in development does not open a pool a time. */
const kept = globalThis as typeof globalThis & { nodewiseDoor?: Door };

/** The door of this process (see `db/actor.ts`). */
export function door(): Door {
  kept.nodewiseDoor ??= openDoor({ url: env().DATABASE_URL, secret: env().NODEWISE_ACTOR_SECRET });
  return kept.nodewiseDoor;
}

export const withActor = <T>(actor: Actor, fn: (tx: Tx) => Promise<T>): Promise<T> => door().withActor(actor, fn);

/** A person within a study, as `withActor` needs it: the fields that every study service can rely on. */
export interface StudyActor extends Actor {
  personId: string;
  studyId: string;
  /** The language in which the person reads the protocol; left out by programs: English. */
  locale?: Locale;
}

/** Before signing in: password check and sessions, nothing else. */
export const signInActor: Actor = { role: "sign_in", personId: null, studyId: null, siteId: null, membershipId: null };

/** The command line, before it is anybody. */
export const commandLineActor: Actor = { ...signInActor, role: "importer" };

/** A signed-in person outside any study. */
export const personActor = (personId: string): Actor => ({
  role: "person",
  personId,
  studyId: null,
  siteId: null,
  membershipId: null,
});
