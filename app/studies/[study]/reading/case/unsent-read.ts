import type { z } from "zod";
import { submitReadInput } from "@/server/schemas/reading";

const unsent = submitReadInput.omit({ ahead: true });
export type UnsentRead = z.infer<typeof unsent>;

/** Whose read, in which study. */
interface Owner {
  /** The reader's e-mail address. */
  person: string;
  study: string;
}

const keyOf = ({ person, study }: Owner) => `nodewise-unsent-${person}-${study}`;

/**
 * A read that was submitted and that the server has not answered for: kept in this browser from before it is sent until it is answered for, so that neither a dropped
 * line nor a closed page loses it. Sent again, under its key, it is stored once.
 */
export const unsentRead = {
  /** @returns whether it is kept: a browser may have no room, or allow none */
  keep(owner: Owner, read: UnsentRead): boolean {
    try {
      localStorage.setItem(keyOf(owner), JSON.stringify(read));
      return true;
    } catch {
      return false;
    }
  },
  /** Another read that was submitted since, here or in another tab, stays. */
  forget(owner: Owner, idempotencyKey: string): void {
    if (unsentRead.of(owner)?.idempotencyKey === idempotencyKey) localStorage.removeItem(keyOf(owner));
  },
  of(owner: Owner): UnsentRead | null {
    try {
      return unsent.parse(JSON.parse(localStorage.getItem(keyOf(owner)) ?? "null"));
    } catch {
      return null;
    }
  },
};
