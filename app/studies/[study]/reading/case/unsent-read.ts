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
  keep: (owner: Owner, read: UnsentRead) => localStorage.setItem(keyOf(owner), JSON.stringify(read)),
  forget: (owner: Owner) => localStorage.removeItem(keyOf(owner)),
  of(owner: Owner): UnsentRead | null {
    const kept = unsent.safeParse(JSON.parse(localStorage.getItem(keyOf(owner)) ?? "null"));
    return kept.success ? kept.data : null;
  },
};
