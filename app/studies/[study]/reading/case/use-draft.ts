"use client";

import { useCallback, useEffect, useState } from "react";
import { type ActiveTime, beginTime, counted, moved, signsOfWork, turned } from "@/app/_lib/active-time";
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
  /** It was submitted as it is, and may be stored: changed, it is another read. */
  sent: boolean;
}

/** Whose read of which case. */
export interface Place {
  /** The reader's e-mail address. */
  person: string;
  slotId: string;
}

/** What the keys of what is kept of a case begin with. */
export const keyOf = ({ person, slotId }: Place) => `${draftsOf(person)}${slotId}-`;

/**
 * The read in the making, kept in this tab so that a reload or a lost connection loses nothing.
 * @param options.detour a correction, or practice: what is kept of the case whose turn it is stays
 */
export function useDraft(place: Place, { detour }: { detour: boolean }) {
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
    sent: false,
  }));
  useEffect(() => {
    const kept = sessionStorage.getItem(key);
    if (kept) setDraft((fresh) => ({ ...fresh, ...JSON.parse(kept) }));
    if (!detour) forgetDrafts(own);
  }, [key, own, detour]);
  return {
    draft,
    change: (part: Partial<Draft>) =>
      setDraft((before) => {
        const renewed = before.sent ? { sent: false, idempotencyKey: crypto.randomUUID() } : {};
        const after = { ...before, ...(part.sent ? {} : renewed), ...part };
        sessionStorage.setItem(key, JSON.stringify(after));
        return after;
      }),
  };
}

/**
 * Milliseconds that this case was in sight and somebody there, also before a reload: neither hidden tabs nor more than a minute without a sign of work count
 * (`app/_lib/active-time.ts`).
 */
export function useActiveTime(place: Place): () => number {
  const key = `${keyOf(place)}time`;
  const [clock] = useState(() => ({ time: beginTime(0, false) }));
  const count = useCallback(
    (change: (time: ActiveTime, now: number) => ActiveTime) => {
      clock.time = change(clock.time, performance.now());
      return Math.round(clock.time.worked);
    },
    [clock],
  );
  useEffect(() => {
    const isVisible = () => document.visibilityState === "visible";
    clock.time = beginTime(performance.now(), isVisible(), Number(sessionStorage.getItem(key) ?? 0));
    const keep = () => sessionStorage.setItem(key, String(count(counted)));
    const move = () => void count(moved);
    const turn = () => {
      count((time, now) => turned(time, now, isVisible()));
      keep();
    };
    for (const sign of signsOfWork) window.addEventListener(sign, move, { passive: true });
    document.addEventListener("visibilitychange", turn);
    window.addEventListener("pagehide", keep);
    return () => {
      for (const sign of signsOfWork) window.removeEventListener(sign, move);
      document.removeEventListener("visibilitychange", turn);
      window.removeEventListener("pagehide", keep);
      keep();
    };
  }, [clock, count, key]);
  return useCallback(() => count(counted), [count]);
}
