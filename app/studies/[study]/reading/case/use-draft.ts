"use client";

import { useEffect, useState } from "react";
import { draftsOf, forgetDrafts } from "@/app/_lib/drafts";
import type { SubmitRead } from "@/server/schemas/reading";

export interface Draft {
  criteria: Record<string, boolean>;
  /** Null: as the rule proposes, or not called yet where there is no rule. */
  call: SubmitRead["call"] | null;
  overrideReason: string;
  confidence: number | null;
  rating: number | null;
  /** Null: the case can be judged; empty: it cannot, and why is not said yet. */
  notEvaluable: string | null;
  /** Why the read that was submitted before is corrected. */
  reason: string;
  idempotencyKey: string;
}

/** Whose read of which case. */
interface Place {
  /** The reader's e-mail address. */
  person: string;
  slotId: string;
}

const keyOf = ({ person, slotId }: Place) => `${draftsOf(person)}${slotId}-`;

/**
 * The read in the making, kept in this tab so that a reload or a lost connection loses nothing.
 * @param options.correcting a detour: what is kept of the case whose turn it is stays
 */
export function useDraft(place: Place, { correcting }: { correcting: boolean }) {
  const own = keyOf(place);
  const key = `${own}draft`;
  const [draft, setDraft] = useState<Draft>(() => ({
    criteria: {},
    call: null,
    overrideReason: "",
    confidence: null,
    rating: null,
    notEvaluable: null,
    reason: "",
    idempotencyKey: crypto.randomUUID(),
  }));
  useEffect(() => {
    const kept = sessionStorage.getItem(key);
    if (kept) setDraft((fresh) => ({ ...fresh, ...JSON.parse(kept) }));
    if (!correcting) forgetDrafts(own);
  }, [key, own, correcting]);
  return {
    draft,
    change: (part: Partial<Draft>) =>
      setDraft((before) => {
        const after = { ...before, ...part };
        sessionStorage.setItem(key, JSON.stringify(after));
        return after;
      }),
  };
}

/** Milliseconds that this case was in sight, also before a reload: hidden tabs do not count. */
export function useActiveTime(place: Place): () => number {
  const key = `${keyOf(place)}time`;
  const [clock] = useState(() => ({ total: 0, since: 0 }));
  useEffect(() => {
    clock.total = Number(sessionStorage.getItem(key) ?? 0);
    const pause = () => {
      if (clock.since > 0) clock.total += performance.now() - clock.since;
      clock.since = 0;
      sessionStorage.setItem(key, String(Math.round(clock.total)));
    };
    const toggle = () => {
      pause();
      if (document.visibilityState === "visible") clock.since = performance.now();
    };
    toggle();
    document.addEventListener("visibilitychange", toggle);
    window.addEventListener("pagehide", pause);
    return () => {
      document.removeEventListener("visibilitychange", toggle);
      window.removeEventListener("pagehide", pause);
      pause();
    };
  }, [clock, key]);
  return () => Math.round(clock.total + (clock.since > 0 ? performance.now() - clock.since : 0));
}
